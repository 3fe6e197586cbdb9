// Owns the head of a screen: the one title, what is true about it, and its actions. Also tells the bar where we are.
import { Box, Stack, Typography } from '@mui/material';
import { useEffect } from 'react';
import type { Crumb } from './store.ts';
import { useShared } from './store.ts';

/** Says in the bar where we are (the last crumb is this screen) and, if given, at the foot what is true here. */
export function usePlace(crumbs: Crumb[], footnote: string | null = null): void {
  const key = JSON.stringify(crumbs);
  useEffect(() => {
    useShared.setState({ crumbs: JSON.parse(key) as Crumb[], footnote });
    document.title = `${(JSON.parse(key) as Crumb[]).at(-1)?.text ?? 'Countersign'} – Countersign`;
  }, [key, footnote]);
}

/** What the search field of the bar finds on this screen; answers what was typed there. */
export function useSearch(label: string): string {
  useEffect(() => {
    useShared.setState({ searchLabel: label, searchText: '' });
    return () => useShared.setState({ searchLabel: null, searchText: '' });
  }, [label]);
  return useShared((state) => state.searchText);
}

/** Title, one line under it, actions at the right. */
export function PageHeader({
  title,
  line,
  children,
}: {
  title: React.ReactNode;
  line?: React.ReactNode;
  children?: React.ReactNode;
}) {
  return (
    <Stack
      direction="row"
      sx={{
        alignItems: 'flex-end',
        justifyContent: 'space-between',
        columnGap: 2,
        rowGap: 1,
        flexWrap: 'wrap',
        mb: 1.5,
      }}
    >
      <Box sx={{ minWidth: 0, flex: '1 1 320px' }}>
        <Typography variant="h1">{title}</Typography>
        {line !== undefined && (
          <Typography variant="caption" component="p" color="textSecondary" sx={{ mt: 0.25, minHeight: '1.125rem' }}>
            {line}
          </Typography>
        )}
      </Box>
      <Stack direction="row" spacing={1} sx={{ alignItems: 'center' }}>
        {children}
      </Stack>
    </Stack>
  );
}

/** The scrolling body of an ordinary screen. Full-height screens (tables) make their own. */
export function PageBody({ children }: { children: React.ReactNode }) {
  return <Box sx={{ overflow: 'auto', height: '100%', px: 2.5, pt: 1.75, pb: 8 }}>{children}</Box>;
}
