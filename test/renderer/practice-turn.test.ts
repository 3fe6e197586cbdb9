// In practice one person plays all parts: whoever holds something up is named, and nobody while it is one's own turn.
import { describe, expect, it } from 'vitest';
import type { PhaseState } from '../../domain/change.ts';
import type { Profile } from '../../preload/contract.ts';
import { playerOf } from '../../renderer/shell/play-as.tsx';
import { nextTurn } from '../../renderer/shell/practice-turn.ts';
import { aLane, aReport, at } from './report-builder.ts';

const profile = (personId: string, more: Partial<Profile> = {}): Profile => ({
  ...{ profile: personId, personId, name: personId, roles: [], deviceId: 'd', publicKey: 'k' },
  ...{ active: false, practice: true },
  ...more,
});
const open: Partial<PhaseState> = { state: 'in-work', waitingFor: ['tara'] };

describe('whose turn it is', () => {
  it('is the first open phase that waits for somebody', () => {
    const report = aReport({
      planning: { state: 'completed', waitingFor: ['x'] },
      scoping: { ...open, waitingFor: ['tara'] },
    });
    expect(nextTurn([aReport(), report])?.line.phase).toBe('scoping');
    expect(nextTurn([aReport({ planning: { state: 'in-work', waitingFor: [] } })])).toBeNull();
  });

  it('is not in what is paused or over', () => {
    const lines = { planning: open };
    expect(nextTurn([aReport(lines, [], { paused: { at, reason: 'x' } })])).toBeNull();
    expect(nextTurn([aReport(lines, [], { ended: { at, reason: 'x' } })])).toBeNull();
    const lanes = [aLane('A', { status: 'paused' }), aLane('B')];
    const report = aReport({ 'request-info/A': open, 'request-info/B': open }, lanes);
    expect(nextTurn([report])?.line.lob).toBe('B');
  });

  it('falls to the first practice identity it waits for, unless the active one is among them', () => {
    const profiles = [
      profile('olga', { active: true }),
      profile('tara'),
      profile('tom'),
      profile('real', { practice: false }),
    ];
    expect(playerOf(profiles, ['real', 'tom', 'tara'])?.personId).toBe('tom');
    expect(playerOf(profiles, ['tom', 'olga'])).toBeNull();
    expect(playerOf(profiles, ['nobody'])).toBeNull();
  });
});
