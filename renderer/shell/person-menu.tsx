// Owns "who I am": the person, the practice identities of solo mode, light and dark, the way to people and keys.
import { Avatar, Box, ButtonBase, Divider, ListSubheader, Menu, MenuItem, Typography } from '@mui/material';
import { useRef, useState } from 'react';
import { roleNames } from '../../domain/people.ts';
import type { Profile } from '../../preload/contract.ts';
import { useKeys } from '../keys.ts';
import { Glyph } from '../marks.tsx';
import { go } from '../routes.ts';
import { activeProfile, startOver, useShared } from '../store.ts';
import { perform } from '../use-command.ts';
import { useMayAnywhere } from '../use-may.ts';
import { schemeNames, schemes, useScheme } from './color-scheme.ts';

const initials = (name: string) =>
  name
    .split(/\s+/)
    .flatMap((word) => word.charAt(0).toUpperCase())
    .slice(0, 2)
    .join('');

/** The roles of a profile as a person reads them. */
export function rolesText(roles: readonly string[]): string {
  const names: Readonly<Record<string, string>> = roleNames;
  return roles.map((role) => names[role] ?? role).join(', ');
}

async function switchTo(profile: Profile): Promise<void> {
  if (profile.active) return;
  const done = await perform('profile:switch', { profile: profile.profile });
  if (!done) return;
  go({ screen: 'home' });
  await startOver();
  // It is another person's screen now: its keys work at once, and not the menu's.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

function Face({ name }: { name: string }) {
  return (
    <Avatar
      aria-hidden="true"
      sx={{
        width: 28,
        height: 28,
        bgcolor: 'accent.tint',
        color: 'accent.main',
        fontSize: '0.6875rem',
        fontWeight: 600,
      }}
    >
      {initials(name)}
    </Avatar>
  );
}

function Ticked({ on, children }: { on: boolean; children: React.ReactNode }) {
  return (
    <>
      <Box component="span" sx={{ width: 16, flex: 'none', color: 'accent.main' }}>
        {on && <Glyph name="tick" />}
      </Box>
      {children}
    </>
  );
}

export function PersonMenu({ showKeys }: { showKeys(): void }) {
  const profiles = useShared((state) => state.profiles);
  const me = useShared(activeProfile);
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const { scheme, choose } = useScheme();
  const mayMove = useMayAnywhere()({ kind: 'move-workflow' }) === null;
  useKeys({
    title: 'Everywhere',
    actions: me
      ? [
          { keys: 'Shift+P', label: 'Who I am: people, look, keys', run: () => setOpen(true) },
          ...(mayMove ? [{ keys: 'Shift+W', label: 'Running workflows', run: () => go({ screen: 'workflows' }) }] : []),
        ]
      : [],
  });
  if (!me) return null;
  const close = () => setOpen(false);
  const then = (act: () => void) => () => {
    close();
    act();
  };
  const practice = (profiles ?? []).filter((profile) => profile.practice);
  return (
    <>
      <ButtonBase
        ref={button}
        onClick={() => setOpen(true)}
        aria-haspopup="menu"
        aria-expanded={open}
        sx={{ gap: 1, borderRadius: 1, px: 0.5, textAlign: 'left', flex: 'none' }}
      >
        <Face name={me.name} />
        <Box>
          <Typography variant="button" component="p" sx={{ fontWeight: 600, lineHeight: '1.0625rem' }}>
            {me.name}
          </Typography>
          <Typography variant="caption" component="p" color="textSecondary" sx={{ lineHeight: '0.9375rem' }}>
            {me.practice ? `practice · ${rolesText(me.roles)}` : rolesText(me.roles)}
          </Typography>
        </Box>
      </ButtonBase>
      <Menu anchorEl={button.current} open={open} onClose={close}>
        {practice.length > 0 && (
          <ListSubheader role="presentation" sx={{ typography: 'caption', lineHeight: '1.75rem' }}>
            Practice identities of this machine
          </ListSubheader>
        )}
        {practice.map((profile) => (
          <MenuItem
            key={profile.profile}
            role="menuitemradio"
            aria-checked={profile.active}
            onClick={then(() => void switchTo(profile))}
          >
            <Ticked on={profile.active}>
              <span>{profile.name}</span>
              <Typography variant="caption" color="textSecondary">
                {rolesText(profile.roles)}
              </Typography>
            </Ticked>
          </MenuItem>
        ))}
        {practice.length > 0 && <Divider />}
        <ListSubheader role="presentation" sx={{ typography: 'caption', lineHeight: '1.75rem' }}>
          Look
        </ListSubheader>
        {schemes.map((one) => (
          <MenuItem key={one} role="menuitemradio" aria-checked={one === scheme} onClick={then(() => choose(one))}>
            <Ticked on={one === scheme}>{schemeNames[one]}</Ticked>
          </MenuItem>
        ))}
        <Divider />
        <MenuItem onClick={then(() => go({ screen: 'people' }))}>
          <Ticked on={false}>People and devices</Ticked>
        </MenuItem>
        {mayMove && (
          <MenuItem onClick={then(() => go({ screen: 'workflows' }))}>
            <Ticked on={false}>Running workflows (Shift W)</Ticked>
          </MenuItem>
        )}
        <MenuItem onClick={then(showKeys)}>
          <Ticked on={false}>All keys (?)</Ticked>
        </MenuItem>
      </Menu>
    </>
  );
}
