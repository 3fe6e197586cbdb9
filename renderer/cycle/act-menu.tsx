// Owns a button that opens a menu of acts. What cannot be done now stays in the menu and says why. Knows no act.
import { Box, Button, Menu, MenuItem, Typography } from '@mui/material';
import { useRef, useState } from 'react';
import { visuallyHidden } from '../marks.tsx';

export interface MenuAct {
  label: string;
  /** Why it cannot be done now; null when it can. */
  whyNot: string | null;
  run(): void;
}

export function ActMenu({
  label,
  about,
  acts,
  small,
}: {
  label: string;
  /** Read after the label to those who listen: what the acts are about. */
  about: string;
  acts: readonly MenuAct[];
  small?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        ref={anchor}
        variant={small ? 'text' : 'outlined'}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(true)}
        sx={{ gap: 0.5, ...(small ? { px: 0.75, mx: -0.75, color: 'text.secondary' } : {}) }}
      >
        {label}
        <Box component="span" sx={visuallyHidden}>
          {about}
        </Box>
        <span aria-hidden="true">▾</span>
      </Button>
      <Menu
        anchorEl={anchor.current}
        open={open}
        onClose={() => setOpen(false)}
        // Why something cannot be done is there to be read: arrows reach it too.
        slotProps={{ list: { disabledItemsFocusable: true } }}
      >
        {acts.map((act) => (
          <MenuItem
            key={act.label}
            aria-disabled={act.whyNot ? true : undefined}
            onClick={() => {
              if (act.whyNot) return;
              setOpen(false);
              act.run();
            }}
            sx={{ maxWidth: 420, whiteSpace: 'normal' }}
          >
            <Box>
              <Box component="span" sx={act.whyNot ? { color: 'text.secondary' } : {}}>
                {act.label}
              </Box>
              {act.whyNot && (
                <Typography variant="caption" component="p" color="textSecondary">
                  {act.whyNot}
                </Typography>
              )}
            </Box>
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
