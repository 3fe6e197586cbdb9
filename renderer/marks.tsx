// Owns the small marks that every screen uses: verdict, delivery, key caps, hashes, times. Takes words and colours, decides nothing.
import { Box, ButtonBase, Tooltip } from '@mui/material';
import type { SxProps, Theme } from '@mui/material';
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type { Delivery } from '../preload/contract.ts';
import type { Verdict } from '../domain/decision.ts';
import type { ItemOrigin } from '../domain/version.ts';
import { copyText } from './copy-text.ts';
import { age, dueTime, exactTime, pastTime, shortHash } from './formats.ts';
import { capOf } from './keys.ts';
import type { KeyName } from './keys.ts';

export type GlyphName =
  | 'tick'
  | 'cross'
  | 'ring'
  | 'quarter'
  | 'half'
  | 'dot'
  | 'warning'
  | 'download'
  | 'caret'
  | 'arrow'
  | 'pause'
  | 'skip'
  | 'bell';

const paths: Readonly<Record<GlyphName, { d: string; filled: boolean }>> = {
  tick: { d: 'M2.5 7.5 5.2 10.2 11.5 3.2', filled: false },
  cross: { d: 'M3 3 11 11M11 3 3 11', filled: false },
  ring: { d: 'M7 2a5 5 0 1 0 0 10a5 5 0 1 0 0-10', filled: false },
  quarter: { d: 'M7 2a5 5 0 1 0 0 10a5 5 0 1 0 0-10M7 2v5h5', filled: false },
  half: { d: 'M7 2a5 5 0 1 0 0 10a5 5 0 1 0 0-10', filled: false },
  dot: { d: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9', filled: true },
  warning: { d: 'M7 1.8 12.8 12H1.2ZM7 5.4v3M7 9.9v.6', filled: false },
  download: { d: 'M7 2v7M3.8 6.2 7 9.4 10.2 6.2M2.5 12h9', filled: false },
  caret: { d: 'M4 5.5 7 8.5 10 5.5', filled: false },
  arrow: { d: 'M2 7h9M8 3.8 11.2 7 8 10.2', filled: false },
  pause: { d: 'M4.8 3v8M9.2 3v8', filled: false },
  skip: { d: 'M3 3.2 7.6 7 3 10.8ZM10.8 3v8', filled: false },
  bell: { d: 'M3.4 10.2V6.6a3.6 3.6 0 0 1 7.2 0v3.6M2.2 10.2h9.6M5.8 12.2h2.4', filled: false },
};
const fills: Partial<Record<GlyphName, string>> = { quarter: 'M7 2v5h5a5 5 0 0 0-5-5', half: 'M7 2a5 5 0 0 1 0 10Z' };

/** A glyph in the colour of its text; drawn, so that no font can lack it. Never alone: a word stands beside it. */
export function Glyph({ name }: { name: GlyphName }) {
  const { d, filled } = paths[name];
  const fill = fills[name];
  return (
    <Box
      component="svg"
      viewBox="0 0 14 14"
      aria-hidden="true"
      focusable="false"
      sx={{ width: '0.85em', height: '0.85em', flex: 'none', verticalAlign: '-0.12em', mr: '0.35em' }}
    >
      {fill && <path d={fill} fill="currentColor" />}
      <path
        d={d}
        fill={filled ? 'currentColor' : 'none'}
        stroke={filled ? 'none' : 'currentColor'}
        strokeWidth={1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </Box>
  );
}

/** A glyph and a word in one colour. */
export function Mark({
  glyph,
  color,
  weight,
  children,
}: {
  glyph: GlyphName;
  color: string;
  weight?: number;
  children: React.ReactNode;
}) {
  return (
    <Box component="span" sx={{ color, whiteSpace: 'nowrap', ...(weight ? { fontWeight: weight } : {}) }}>
      <Glyph name={glyph} />
      {children}
    </Box>
  );
}

/** What a verdict is called, with its glyph and colour. A carried row recedes, a pending one is medium weight. */
export function verdictLook(
  verdict: Verdict,
  origin?: ItemOrigin,
): { glyph: GlyphName; word: string; color: string; weight: number } {
  if (verdict === 'rejected') {
    const word = origin?.kind === 'disputed' ? 'disputed' : 'rejected';
    return { glyph: 'cross', word, color: 'rejected.main', weight: 500 };
  }
  if (verdict === 'approved') {
    return origin?.kind === 'carried'
      ? { glyph: 'tick', word: `carried v${origin.versionNumber}`, color: 'carried.main', weight: 400 }
      : { glyph: 'tick', word: 'approved', color: 'approved.main', weight: 500 };
  }
  const word = origin?.kind === 're-opened' ? 're-opened' : 'pending';
  return { glyph: 'ring', word, color: 'text.primary', weight: 500 };
}

/** The verdict on a row: never its delivery. */
export function VerdictMark({ verdict, origin }: { verdict: Verdict; origin?: ItemOrigin }) {
  const { glyph, word, color, weight } = verdictLook(verdict, origin);
  return (
    <Mark glyph={glyph} color={color} weight={weight}>
      {word}
    </Mark>
  );
}

/** Glyph and colour of each delivery. The word is the delivery's own name. */
export const deliveryLooks: Readonly<Record<Delivery, { glyph: GlyphName; color: string; meaning: string }>> = {
  draft: { glyph: 'ring', color: 'text.secondary', meaning: 'kept on this laptop, not yet submitted' },
  queued: { glyph: 'quarter', color: 'waiting.main', meaning: 'kept on this laptop, not yet sent' },
  sent: { glyph: 'half', color: 'waiting.main', meaning: 'sent, not yet confirmed by the server' },
  applied: { glyph: 'dot', color: 'text.secondary', meaning: 'applied: the receipt arrived' },
  refused: { glyph: 'cross', color: 'rejected.main', meaning: 'the server refused this and says why' },
  conflict: { glyph: 'warning', color: 'rejected.main', meaning: 'the server has moved on: decide again' },
};

/** The delivery of something: never its verdict. `quiet` shows an applied one as a dot alone (its word is read to those who listen). */
export function DeliveryMark({
  delivery,
  quiet,
  children,
}: {
  delivery: Delivery;
  quiet?: boolean;
  children?: React.ReactNode;
}) {
  const { glyph, color, meaning } = deliveryLooks[delivery];
  const hidden = quiet && delivery === 'applied';
  const urgent = delivery === 'refused' || delivery === 'conflict';
  return (
    <Tooltip title={meaning}>
      <Box component="span" sx={{ typography: 'caption' }}>
        <Mark glyph={glyph} color={color} weight={urgent ? 600 : 400}>
          <Box component="span" sx={hidden ? visuallyHidden : {}}>
            {delivery}
          </Box>
          {children}
        </Mark>
      </Box>
    </Tooltip>
  );
}

/** For those who listen to the screen and do not see it. */
export const visuallyHidden: SxProps<Theme> = {
  position: 'absolute',
  width: '1px',
  height: '1px',
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
};

/** A key cap. Decoration: the button beside it says what it does. */
export function KeyCap({ name }: { name: KeyName }) {
  return (
    <Box
      component="kbd"
      aria-hidden="true"
      sx={{
        fontFamily: 'inherit',
        fontSize: '0.6875rem',
        lineHeight: '1rem',
        px: '5px',
        minWidth: '1.125rem',
        textAlign: 'center',
        border: '1px solid',
        borderColor: 'currentColor',
        borderRadius: '3px',
        opacity: 0.85,
        fontWeight: 400,
        display: 'inline-block',
      }}
    >
      {capOf(name)}
    </Box>
  );
}

/** A key or id of the field's data, monospace. */
export function Mono({ children }: { children: React.ReactNode }) {
  return (
    <Box component="span" sx={{ typography: 'mono' }}>
      {children}
    </Box>
  );
}

/** A hash, shortened in the middle unless `whole`. Pressing it copies the whole. */
export function Hash({ value, label = 'hash', whole }: { value: string; label?: string; whole?: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => setCopied(await copyText(value));
  return (
    <Tooltip title={copied ? 'Copied' : `${value} · press to copy`} onClose={() => setCopied(false)}>
      <ButtonBase
        onClick={(event) => {
          event.stopPropagation();
          void copy();
        }}
        sx={{
          typography: 'mono',
          borderRadius: 0.5,
          verticalAlign: 'baseline',
          overflowWrap: 'anywhere',
          textAlign: 'left',
          '&:hover': { textDecoration: 'underline' },
        }}
      >
        {whole ? value : shortHash(value)}
        <Box component="span" sx={visuallyHidden}>
          {` copy ${label}`}
        </Box>
      </ButtonBase>
    </Tooltip>
  );
}

/** One clock for all relative times, so that they never disagree. */
const useClock = create<{ now: number }>(() => ({ now: Date.now() }));
let readers = 0;
let ticking: ReturnType<typeof setInterval> | null = null;

/** The time, renewed each second while anything shows it. */
export function useNow(): number {
  const now = useClock((state) => state.now);
  useEffect(() => {
    readers += 1;
    useClock.setState({ now: Date.now() });
    ticking ??= setInterval(() => useClock.setState({ now: Date.now() }), 1_000);
    return () => {
      readers -= 1;
      if (readers === 0 && ticking) {
        clearInterval(ticking);
        ticking = null;
      }
    };
  }, []);
  return now;
}

/** A time as a person reads it; the exact one is its tooltip. */
export function When({ at, as = 'past' }: { at: string; as?: 'past' | 'age' | 'due' }) {
  const now = useNow();
  const due = as === 'due' ? dueTime(at, now) : null;
  const text = due?.text ?? (as === 'age' ? age(at, now) : pastTime(at, now));
  return (
    <Tooltip title={exactTime(at)}>
      <Box
        component="time"
        dateTime={at}
        sx={due?.late ? { color: 'rejected.main', fontWeight: 600, whiteSpace: 'nowrap' } : { whiteSpace: 'nowrap' }}
      >
        {text}
      </Box>
    </Tooltip>
  );
}
