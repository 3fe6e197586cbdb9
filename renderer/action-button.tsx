// Owns the button with its key: what it does, the key in its tooltip and in the `?` sheet, why it cannot be pressed now.
import { Button, Tooltip } from '@mui/material';
import type { ButtonProps } from '@mui/material';
import { Box } from '@mui/material';
import { capOf, keysOf, useKeys } from './keys.ts';
import type { KeyAction, KeyName } from './keys.ts';
import { KeyCap } from './marks.tsx';
import { tellDone } from './notices.tsx';

interface Props extends Omit<ButtonProps, 'onClick' | 'title'> {
  /** What it does; the text on the button unless there are children. */
  label: string;
  keys?: KeyName | readonly KeyName[];
  /** Where the `?` sheet lists it. */
  group: string;
  run(): void;
  /** Prints the key on the button. */
  showKey?: boolean;
  /** Said instead of doing it; the button can still be reached and read. */
  whyNot?: string | null;
  inDialog?: boolean;
  whileTyping?: boolean;
}

/** A button that a key presses too. */
export function ActionButton({
  label,
  keys,
  group,
  run,
  showKey,
  whyNot,
  inDialog,
  whileTyping,
  children,
  ...rest
}: Props) {
  // Said rather than greyed away: a disabled button cannot be reached by keyboard, so its reason could not be read.
  const act = whyNot ? () => tellDone(whyNot) : run;
  const action: KeyAction = {
    keys: keys ?? [],
    label,
    run: act,
    enabled: !rest.disabled,
    whileTyping: whileTyping ?? false,
  };
  useKeys({ title: group, actions: keys ? [action] : [], inDialog: inDialog ?? false });
  const first = keysOf(action)[0];
  const tooltip = whyNot ?? (first ? `${label} (${capOf(first)})` : '');
  return (
    <Tooltip title={tooltip}>
      <Box component="span" sx={{ display: 'inline-flex' }}>
        <Button
          {...rest}
          onClick={act}
          aria-disabled={whyNot ? true : undefined}
          aria-keyshortcuts={first ? ariaKey(first) : undefined}
        >
          {children ?? label}
          {showKey && first && <KeyCap name={first} />}
        </Button>
      </Box>
    </Tooltip>
  );
}

function ariaKey(name: KeyName): string {
  return name.replace('Mod', 'Control');
}
