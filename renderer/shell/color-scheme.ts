// Owns light or dark: the system's, unless this person chose. The choice is a preference of the profile.
import { useColorScheme } from '@mui/material/styles';
import { useEffect } from 'react';
import { bridge } from '../bridge.ts';
import { activeProfile, useShared } from '../store.ts';
import { perform } from '../use-command.ts';

export const schemes = ['system', 'light', 'dark'] as const;
export type Scheme = (typeof schemes)[number];
export const schemeNames: Readonly<Record<Scheme, string>> = {
  system: 'Like the system',
  light: 'Light',
  dark: 'Dark',
};

const isScheme = (value: unknown): value is Scheme => schemes.some((scheme) => scheme === value);

/** Reads the profile's choice once it is known. */
export function useRememberedScheme(): void {
  const profile = useShared((state) => activeProfile(state)?.profile ?? null);
  const { setMode } = useColorScheme();
  useEffect(() => {
    if (profile === null) return;
    void bridge()
      .invoke('preference:get', { name: 'theme' })
      .then((result) => setMode(result.ok && isScheme(result.value.value) ? result.value.value : 'system'));
  }, [profile, setMode]);
}

/** The present choice and how to change it. */
export function useScheme(): { scheme: Scheme; choose(scheme: Scheme): void } {
  const { mode, setMode } = useColorScheme();
  return {
    scheme: mode ?? 'system',
    choose: (scheme) => {
      setMode(scheme);
      void perform('preference:set', { name: 'theme', value: scheme });
    },
  };
}
