// Owns the search field of the bar: it narrows the table of the current screen, and `/` leads to it.
import { Box, InputBase } from '@mui/material';
import { useRef } from 'react';
import { useKeys } from '../keys.ts';
import { KeyCap } from '../marks.tsx';
import { useShared } from '../store.ts';
import { sizes } from '../theme.ts';

export function SearchField() {
  const label = useShared((state) => state.searchLabel);
  const text = useShared((state) => state.searchText);
  const field = useRef<HTMLInputElement>(null);
  useKeys({
    title: 'Everywhere',
    actions: label ? [{ keys: '/', label: 'Search this screen', run: () => field.current?.focus() }] : [],
  });
  if (!label) return null;
  const leave = () => {
    useShared.setState({ searchText: '' });
    field.current?.blur();
  };
  return (
    <Box
      role="search"
      sx={{
        display: 'flex',
        alignItems: 'center',
        gap: 1,
        height: sizes.control,
        width: { xs: 180, xl: 260 },
        px: 1,
        border: 1,
        borderColor: 'divider',
        borderRadius: 1,
        color: 'text.secondary',
        bgcolor: 'background.default',
        '&:focus-within': { outline: '2px solid', outlineColor: (theme) => theme.vars?.palette.accent.main },
      }}
    >
      <KeyCap name="/" />
      <InputBase
        inputRef={field}
        type="search"
        value={text}
        placeholder={label}
        onChange={(event) => useShared.setState({ searchText: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') leave();
          if (event.key === 'Enter') field.current?.blur();
        }}
        slotProps={{ input: { 'aria-label': label } }}
        sx={{ flex: 1, fontSize: '0.8125rem', '& :focus-visible': { outline: 'none' } }}
      />
    </Box>
  );
}
