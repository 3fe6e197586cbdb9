// Owns the bell of the bar and its panel: news for this person, newest first, read one by one or all at once.
import { Box, Button, ButtonBase, Popover, Tooltip, Typography } from '@mui/material';
import { useRef, useState } from 'react';
import type { CommandOutput } from '../../preload/contract.ts';
import { localTimes } from '../formats.ts';
import { useKeys } from '../keys.ts';
import { Glyph, useNow, visuallyHidden, When } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { go } from '../routes.ts';
import { activeProfile, useShared } from '../store.ts';
import { sizes } from '../theme.ts';
import { perform, useCommand, valueOf } from '../use-command.ts';
import type { StaleOn } from '../use-command.ts';
import { bellCount, bellWords, newsLooks, routeOfNews } from './news-words.ts';

type News = CommandOutput<'notification:list'>['rows'][number];

/** How many are shown; older ones stand in their reports' timelines. */
const shown = 50;

const whenNewsComes: StaleOn = (event) => event.kind === 'notification' || event.kind === 'changed';

function NewsRow({ news, open }: { news: News; open(): void }) {
  const now = useNow();
  const { glyph, color, word } = newsLooks[news.kind];
  return (
    <ButtonBase
      onClick={open}
      sx={{
        display: 'flex',
        alignItems: 'flex-start',
        justifyContent: 'flex-start',
        width: 1,
        gap: 1,
        px: 2,
        py: 1,
        textAlign: 'left',
        typography: 'body2',
        borderTop: 1,
        borderColor: 'divider',
        ...(news.read ? { color: 'text.secondary' } : { bgcolor: 'accent.tint' }),
        '&:hover': { bgcolor: 'background.sunk' },
        '&.Mui-focusVisible': { outlineOffset: -2 },
      }}
    >
      <Box component="span" sx={{ color, pt: '1px' }}>
        <Glyph name={glyph} />
        <Box component="span" sx={visuallyHidden}>
          {news.read ? word : `unread: ${word}`}
        </Box>
      </Box>
      <Box sx={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Box sx={{ fontWeight: news.read ? 400 : 500 }}>{localTimes(news.text, now)}</Box>
        <Typography variant="caption" component="p" color="textSecondary">
          <When at={news.at} />
        </Typography>
      </Box>
    </ButtonBase>
  );
}

function Panel({
  loaded,
  close,
  reload,
}: {
  loaded: CommandOutput<'notification:list'>;
  close(): void;
  reload(): void;
}) {
  const { rows, unread } = loaded;
  const read = async (some: readonly News[]) => {
    const notificationIds = some.filter((one) => !one.read).map((one) => one.notificationId);
    if (notificationIds.length > 0) await perform('notification:read', { notificationIds });
    reload();
  };
  const follow = (news: News) => {
    close();
    void read([news]);
    go(routeOfNews(news));
  };
  return (
    <>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, px: 2, minHeight: 44 }}>
        <Typography variant="h2" id="news-title" sx={{ flex: 1 }}>
          News
        </Typography>
        {unread > 0 && <Button onClick={() => void read(rows)}>Mark all as read</Button>}
      </Box>
      {rows.map((news) => (
        <NewsRow key={news.notificationId} news={news} open={() => follow(news)} />
      ))}
      {rows.length === 0 && (
        <Typography color="textSecondary" sx={{ px: 2, pb: 2 }}>
          What begins to wait for you, reminders and outcomes appear here.
        </Typography>
      )}
    </>
  );
}

function Bell() {
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const loaded = useCommand('notification:list', { limit: shown }, whenNewsComes);
  const news = valueOf(loaded);
  const unread = news?.unread ?? 0;
  useKeys({ title: 'Everywhere', actions: [{ keys: 'Shift+N', label: 'News', run: () => setOpen(true) }] });
  const close = () => setOpen(false);
  return (
    <>
      <Tooltip title={`${bellWords(unread)} (Shift N)`}>
        <ButtonBase
          ref={anchor}
          aria-haspopup="dialog"
          aria-expanded={open}
          aria-label={bellWords(unread)}
          onClick={() => setOpen(true)}
          sx={{
            height: sizes.control,
            minWidth: sizes.control,
            px: 0.75,
            borderRadius: 1,
            typography: 'button',
            fontWeight: 600,
            flex: 'none',
            ...(unread > 0
              ? { color: 'accent.main', bgcolor: 'accent.tint' }
              : { color: 'text.secondary', '&:hover': { bgcolor: 'background.sunk' } }),
          }}
        >
          <Box component="span" sx={{ fontSize: '1.0625rem', lineHeight: 1, display: 'flex', '& svg': { mr: 0 } }}>
            <Glyph name="bell" />
          </Box>
          {unread > 0 && <Box sx={{ ml: 0.5 }}>{bellCount(unread)}</Box>}
        </ButtonBase>
      </Tooltip>
      <Popover
        open={open}
        anchorEl={anchor.current}
        onClose={close}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        transformOrigin={{ vertical: 'top', horizontal: 'right' }}
        transitionDuration={80}
        slotProps={{
          paper: {
            role: 'dialog',
            'aria-labelledby': 'news-title',
            sx: { width: 420, maxWidth: 'calc(100vw - 32px)', maxHeight: 'min(560px, calc(100vh - 96px))', mt: 0.5 },
          },
        }}
      >
        {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
        {news && <Panel loaded={news} close={close} reload={loaded.reload} />}
      </Popover>
    </>
  );
}

/** News for who is active; nothing before there is a profile. */
export function NewsBell() {
  const person = useShared((state) => activeProfile(state)?.profile ?? null);
  return person === null ? null : <Bell key={person} />;
}
