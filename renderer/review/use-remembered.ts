// Owns settings of a screen that survive closing: read once, written a moment after the last change. Knows no screen.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CommandInput } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';

type Storable = CommandInput<'preference:set'>['value'];

const writeDelayMs = 400;

/** The remembered value (null until it was read) and how to change it. What cannot be kept is told nobody: it is only comfort. */
export function useRemembered<Value extends Storable>(
  name: string | null,
  initial: Value,
  isValue: (value: unknown) => value is Value,
): [Value | null, (change: Partial<Value> & object) => void] {
  const [value, setValue] = useState<Value | null>(null);
  const latest = useRef<Value | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const fallback = useRef(initial);
  fallback.current = initial;

  const write = useCallback(() => {
    timer.current = null;
    if (name !== null && latest.current !== null) {
      void bridge().invoke('preference:set', { name, value: latest.current });
    }
  }, [name]);

  useEffect(() => {
    if (name === null) return undefined;
    let current = true;
    void bridge()
      .invoke('preference:get', { name })
      .then((result) => {
        if (!current) return;
        const read = result.ok && isValue(result.value.value) ? result.value.value : fallback.current;
        latest.current = read;
        setValue(read);
      });
    return () => {
      current = false;
      if (timer.current) {
        clearTimeout(timer.current);
        write();
      }
    };
  }, [name, isValue, write]);

  const change = useCallback(
    (part: Partial<Value> & object) => {
      latest.current = { ...((latest.current ?? fallback.current) as object), ...part } as Value;
      setValue(latest.current);
      if (timer.current) clearTimeout(timer.current);
      timer.current = setTimeout(write, writeDelayMs);
    },
    [write],
  );
  return [value, change];
}
