// Figures and times as a person reads them, in a fixed language and zone.
import { describe, expect, it } from 'vitest';
import {
  age,
  bytes,
  cell,
  counted,
  dueTime,
  duration,
  isNumeric,
  localTimes,
  pastTime,
  percent,
  shortHash,
  span,
} from '../../renderer/formats.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const zone = 'Europe/Berlin';

describe('figures', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1_234_567, '1.2 MB'],
    [200 * 1024 * 1024, '209.7 MB'],
    [2_000_000_000, '2 GB'],
  ])('writes %d bytes as %s', (value, text) => expect(bytes(value, 'en')).toBe(text));

  it('counts with the fitting noun', () => {
    expect(counted(1, 'item', undefined, 'en')).toBe('1 item');
    expect(counted(30_000, 'row', undefined, 'en')).toBe('30,000 rows');
  });

  it('writes a fraction as a percentage', () => {
    expect(percent(0.05, 'en')).toBe('5\u00a0%');
    expect(percent(0.0125, 'en')).toBe('1.25\u00a0%');
  });

  it('groups numbers in cells and leaves texts as they are', () => {
    expect(cell(50_000, 'en')).toBe('50,000');
    expect(cell('00042', 'en')).toBe('00042');
    expect(cell(null, 'en')).toBe('');
    expect(cell(false, 'en')).toBe('false');
  });

  it.each([
    [5, true],
    ['-391.50', true],
    ['12 Nov', false],
    ['', false],
    [null, false],
  ])('puts %j at the right: %s', (value, right) => expect(isNumeric(value)).toBe(right));

  it('shortens a hash in the middle and leaves a short text whole', () => {
    expect(shortHash('91bb'.padEnd(62, '0') + '07')).toBe('91bb…07');
    expect(shortHash('short')).toBe('short');
  });
});

describe('times', () => {
  it.each([
    [0, 'just now'],
    [12, '12 min ago'],
    [125, '2 h ago'],
    [3 * 24 * 60, '18 Nov 13:00'],
  ])('tells what happened %d minutes ago as "%s"', (minutes, text) => {
    expect(pastTime(ago(minutes), now, 'en-GB', zone)).toBe(text);
  });

  it.each([
    [0, 'now'],
    [84, '84 min'],
    [300, '5 h'],
    [1_500, '1 day'],
    [2_900, '2 days'],
  ])('calls what is %d minutes old "%s"', (minutes, text) => expect(age(ago(minutes), now)).toBe(text));

  it.each([
    [-2_900, '2 days late', true],
    [-20, '20 min late', true],
    [-70, '1 h late', true],
    [300, 'today 18:00', false],
    [6 * 24 * 60, 'Fri 27 Nov', false],
  ])('tells what is due in %d minutes as "%s"', (minutes, text, late) => {
    expect(dueTime(ago(-minutes), now, 'en-GB', zone)).toEqual({ text, late });
  });

  it.each([
    [300, 'under 1 s'],
    [42_000, '42 s'],
    [154_000, '2 min 34 s'],
    [7_800_000, '2 h 10 min'],
  ])('says how long %d ms are: %s', (elapsedMs, text) => expect(duration(elapsedMs)).toBe(text));
});

describe('times within sentences', () => {
  it('are told as this place has them', () => {
    const text = 'the deadline passed (2026-11-27T17:00:00.000Z), set 2026-11-20T08:05:00Z';
    expect(localTimes(text, now, 'en', zone)).toBe('the deadline passed (27 Nov\u00a018:00), set 20 Nov\u00a009:05');
    expect(localTimes('version 2026-11 of 3', now, 'en', zone)).toBe('version 2026-11 of 3');
  });

  it.each([
    [172_800, '2 days'],
    [86_400, '1 day'],
    [129_600, '36 hours'],
    [5_400, '90 minutes'],
    [45, '45 seconds'],
  ])('says %d seconds as %s', (seconds, words) => expect(span(seconds)).toBe(words));
});
