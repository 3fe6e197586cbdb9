// Owns which key does what: a registry that the `?` sheet is made from. Knows no screen; does nothing while a person types.
import { useEffect, useRef } from 'react';
import { create } from 'zustand';

/** A key with its modifiers: `j`, `Shift+J`, `Mod+Enter` (Ctrl, or ⌘ on a Mac), `ArrowDown`, `/`, `?`, `Space`. */
export type KeyName = string;

/** Something a person can do, with the keys that do it (the first one is shown). */
export interface KeyAction {
  keys: KeyName | readonly KeyName[];
  label: string;
  run(): void;
  /** False: listed, but not done now. */
  enabled?: boolean;
  /** Also while typing in a field: for `Mod+…` and Escape only. */
  whileTyping?: boolean;
}

/** One screen's or one dialog's keys. */
export interface KeySet {
  title: string;
  actions: readonly KeyAction[];
  /** Works inside an open dialog or menu, where the keys of the screen below are off. */
  inDialog?: boolean;
}

interface Registered {
  id: symbol;
  read(): KeySet;
}

/** The key sets of what is on the screen, the newest last. */
export const useKeySets = create<{ sets: Registered[] }>(() => ({ sets: [] }));

/** Registers keys while the component is there. The actions may be new at each render. */
export function useKeys(set: KeySet): void {
  const latest = useRef(set);
  latest.current = set;
  useEffect(() => {
    const registered: Registered = { id: Symbol(set.title), read: () => latest.current };
    useKeySets.setState((state) => ({ sets: [...state.sets, registered] }));
    return () => useKeySets.setState((state) => ({ sets: state.sets.filter((other) => other !== registered) }));
  }, [set.title]);
}

/** A pressed key, as far as the registry looks at it. */
export type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** True when the pressed key is the named one. Shift counts only where it is named or the key is a letter or has a name. */
export function isKey(pressed: Pressed, name: KeyName): boolean {
  const parts = name === '+' ? ['+'] : name.split('+');
  const wanted = parts.at(-1) ?? '';
  const mod = pressed.ctrlKey || pressed.metaKey;
  if (mod !== parts.includes('Mod') || pressed.altKey !== parts.includes('Alt')) return false;
  const key = pressed.key === ' ' ? 'Space' : pressed.key;
  const shiftMatters = key.length > 1 || /\p{L}/u.test(key);
  if (shiftMatters && pressed.shiftKey !== parts.includes('Shift')) return false;
  return key.toLowerCase() === wanted.toLowerCase();
}

const isMac = () => typeof navigator !== 'undefined' && navigator.userAgent.includes('Mac');
const caps: Readonly<Record<string, string>> = {
  Enter: '⏎',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

/** What is printed on the key cap: "Ctrl ⏎", "A". */
export function capOf(name: KeyName): string {
  if (name === '+') return '+';
  return name
    .split('+')
    .map((part) =>
      part === 'Mod' ? (isMac() ? '⌘' : 'Ctrl') : (caps[part] ?? (part.length === 1 ? part.toUpperCase() : part)),
    )
    .join(' ');
}

export function keysOf(action: KeyAction): readonly KeyName[] {
  return typeof action.keys === 'string' ? [action.keys] : action.keys;
}

function isTyping(target: Element | null): boolean {
  if (!target) return false;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type);
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable);
}

// A focused button, link or switch takes Enter and Space itself.
function takesItself(target: Element | null, key: string): boolean {
  return (
    (key === 'Enter' || key === ' ') &&
    target?.closest('button, a[href], [role="button"], input, [role="combobox"]') !== null
  );
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target instanceof Element ? event.target : null;
  const typing = isTyping(target);
  const inDialog = (target?.closest('[aria-modal="true"], [role="menu"], [role="listbox"]') ?? null) !== null;
  if (!event.ctrlKey && !event.metaKey && takesItself(target, event.key)) return;
  for (const { read } of useKeySets.getState().sets.toReversed()) {
    const set = read();
    if (inDialog && !set.inDialog) continue;
    const action = set.actions.find(
      (one) => one.enabled !== false && (!typing || one.whileTyping) && keysOf(one).some((key) => isKey(event, key)),
    );
    if (!action) continue;
    event.preventDefault();
    action.run();
    return;
  }
}

// A field that opens a list takes Enter with any modifier: what confirms a whole dialog comes before it.
function onConfirm(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  onKeyDown(event);
  if (event.defaultPrevented) event.stopPropagation();
}

/** Starts listening, for the life of the page. */
export function startKeys(): void {
  window.addEventListener('keydown', onConfirm, { capture: true });
  window.addEventListener('keydown', onKeyDown);
}
