// Owns how a screen reads: one command, its states as a union, read again when the core says that its rows changed.
// Knows no screen. Old data stays on the screen while new data is read.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CommandInput, CommandName, CommandOutput, CoreEvent, Failure } from '../preload/contract.ts';
import { bridge } from './bridge.ts';
import { tellFailure } from './notices.tsx';
import { useShared } from './store.ts';

/** Where a read stands. `value` of `failed` is what was read before, if anything was. */
export type Loaded<Value> =
  | { kind: 'loading' }
  | { kind: 'ready'; value: Value; refreshing: boolean }
  | { kind: 'failed'; error: Failure; value: Value | null };

/** What is on the screen, whether it is being read again or not. */
export function valueOf<Value>(loaded: Loaded<Value>): Value | null {
  return loaded.kind === 'loading' ? null : loaded.value;
}

/** Which events make a read stale. Default: any `changed` event. */
export type StaleOn = (event: CoreEvent) => boolean;
export const whenAnythingChanges: StaleOn = (event) => event.kind === 'changed';
/** Stale when this report (or, with `directory`, the people, devices and cycles) changed. */
export function whenReportChanges(reportId: string): StaleOn {
  return (event) => event.kind === 'changed' && (event.reportIds.includes(reportId) || event.directory);
}

/**
 * Runs a command now, and again when its input changes, when a matching event comes, when the profile is switched and when
 * the application comes back. A null input reads nothing. Answers that were overtaken are thrown away.
 */
export function useCommand<Name extends CommandName>(
  name: Name,
  input: CommandInput<Name> | null,
  staleOn: StaleOn = whenAnythingChanges,
): Loaded<CommandOutput<Name>> & { reload(): void } {
  type Value = CommandOutput<Name>;
  const [loaded, setLoaded] = useState<Loaded<Value>>({ kind: 'loading' });
  const [turn, setTurn] = useState(0);
  const epoch = useShared((state) => state.epoch);
  const key = input === null ? null : JSON.stringify(input);
  const shown = useRef('');
  const stale = useRef(staleOn);
  stale.current = staleOn;
  const reload = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    if (key === null) return undefined;
    let current = true;
    // Another person must never see, even for a moment, what was read for the one before.
    const identity = `${name} ${epoch}`;
    setLoaded((before) =>
      before.kind === 'loading' || !shown.current.startsWith(identity)
        ? { kind: 'loading' }
        : before.kind === 'ready'
          ? { ...before, refreshing: true }
          : before,
    );
    shown.current = `${identity} ${key}`;
    void bridge()
      .invoke(name, JSON.parse(key) as CommandInput<Name>)
      .then((result) => {
        if (!current) return;
        setLoaded((before) =>
          result.ok
            ? { kind: 'ready', value: result.value, refreshing: false }
            : { kind: 'failed', error: result.error, value: valueOf(before) },
        );
      });
    return () => {
      current = false;
    };
  }, [name, key, epoch, turn]);

  useEffect(() => bridge().subscribe((event) => stale.current(event) && reload()), [reload]);
  return { ...loaded, reload };
}

/** Runs a command that changes something. A failure is told at the foot of the window and answers null. */
export async function perform<Name extends CommandName>(
  name: Name,
  input: CommandInput<Name>,
): Promise<CommandOutput<Name> | null> {
  const result = await bridge().invoke(name, input);
  if (result.ok) return result.value;
  tellFailure(result.error);
  return null;
}
