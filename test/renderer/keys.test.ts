// Which pressed key is which named key, and what is printed on its cap.
import { describe, expect, it } from 'vitest';
import { capOf, isKey } from '../../renderer/keys.ts';
import type { Pressed } from '../../renderer/keys.ts';

function pressed(key: string, modifiers: Partial<Pressed> = {}): Pressed {
  return { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...modifiers };
}

describe('keys', () => {
  it.each([
    ['j', pressed('j'), true],
    ['j', pressed('k'), false],
    ['j', pressed('J', { shiftKey: true }), false],
    ['Shift+j', pressed('J', { shiftKey: true }), true],
    ['j', pressed('j', { ctrlKey: true }), false],
    ['Mod+Enter', pressed('Enter', { ctrlKey: true }), true],
    ['Mod+Enter', pressed('Enter', { metaKey: true }), true],
    ['Mod+Enter', pressed('Enter'), false],
    // Where ? and / lie, and whether they need Shift, differs from keyboard to keyboard.
    ['?', pressed('?', { shiftKey: true }), true],
    ['?', pressed('?'), true],
    ['/', pressed('/', { shiftKey: true }), true],
    ['Space', pressed(' '), true],
    ['ArrowDown', pressed('ArrowDown', { shiftKey: true }), false],
    ['1', pressed('1'), true],
    ['+', pressed('+', { shiftKey: true }), true],
  ])('%s is meant by %j: %s', (name, event, meant) => expect(isKey(event, name)).toBe(meant));

  it('prints caps that a person knows', () => {
    expect(capOf('a')).toBe('A');
    expect(capOf('ArrowDown')).toBe('↓');
    expect(capOf('Mod+Enter')).toMatch(/^(Ctrl|⌘) ⏎$/);
  });
});
