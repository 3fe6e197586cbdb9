// Owns the bar: logo, where I am, search, delivery, news, who I am. Knows no screen.
import { Box, Link, Stack } from '@mui/material';
import { useKeys } from '../keys.ts';
import { go, hashOf } from '../routes.ts';
import { useShared } from '../store.ts';
import { sizes } from '../theme.ts';
import { DeliveryBadge } from './delivery-badge.tsx';
import { NewsBell } from './news-bell.tsx';
import { PersonMenu } from './person-menu.tsx';
import { SearchField } from './search-field.tsx';

function Logo() {
  return (
    <Link
      href={hashOf({ screen: 'home' })}
      aria-label="Countersign, home"
      sx={{ display: 'flex', color: 'accent.main', borderRadius: 0.5 }}
    >
      <Box component="svg" viewBox="0 0 16 16" aria-hidden="true" focusable="false" sx={{ width: 16, height: 16 }}>
        <path d="M1 1H15V15H1Z" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M1 1H15L1 15Z" fill="currentColor" />
      </Box>
    </Link>
  );
}

function Crumbs() {
  const crumbs = useShared((state) => state.crumbs);
  return (
    <Box component="nav" aria-label="Where I am" sx={{ minWidth: 0, flex: 1, overflow: 'hidden' }}>
      <Stack
        component="ol"
        direction="row"
        sx={{ listStyle: 'none', m: 0, p: 0.5, whiteSpace: 'nowrap', typography: 'button', overflow: 'hidden' }}
      >
        {crumbs.map((crumb, index) => (
          <Box
            component="li"
            key={`${index} ${crumb.text}`}
            sx={{
              overflow: 'hidden',
              textOverflow: 'ellipsis',
              minWidth: '2em',
              flexShrink: index === crumbs.length - 1 ? 0 : 1,
              '&:not(:first-of-type)::before': { content: '"/"', color: 'text.disabled', mx: 1, fontWeight: 400 },
            }}
          >
            {crumb.route && index < crumbs.length - 1 ? (
              <Link href={hashOf(crumb.route)} color="textSecondary" underline="hover" sx={{ fontWeight: 400 }}>
                {crumb.text}
              </Link>
            ) : (
              <Box
                component="span"
                aria-current={index === crumbs.length - 1 ? 'page' : undefined}
                sx={index === crumbs.length - 1 ? { fontWeight: 600 } : { color: 'text.secondary', fontWeight: 400 }}
              >
                {crumb.text}
              </Box>
            )}
          </Box>
        ))}
      </Stack>
    </Box>
  );
}

export function TopBar({ showKeys }: { showKeys(): void }) {
  useKeys({
    title: 'Everywhere',
    actions: [
      { keys: '?', label: 'All keys', run: showKeys },
      { keys: 'Shift+H', label: 'Home', run: () => go({ screen: 'home' }) },
    ],
  });
  return (
    <Box
      component="header"
      sx={{
        height: sizes.bar,
        display: 'flex',
        alignItems: 'center',
        gap: 1.5,
        px: 2,
        borderBottom: 1,
        borderColor: 'divider',
        bgcolor: 'background.paper',
      }}
    >
      <Logo />
      <Crumbs />
      <SearchField />
      <DeliveryBadge />
      <NewsBell />
      <PersonMenu showKeys={showKeys} />
    </Box>
  );
}
