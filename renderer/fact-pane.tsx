// Owns the pane beside a table that shows one entry whole: its frame and its facts, ids and hashes to copy. Knows no entry.
import { Box, IconButton, Typography } from '@mui/material';
import type { Json } from '../domain/canonical.ts';
import { strategies, strategyNames } from '../domain/compensation.ts';
import { phaseOf, phaseSlugSchema } from '../domain/phases.ts';
import { featureGains, workflowFeatures } from '../domain/workflow-version.ts';
import { count, exactTime } from './formats.ts';
import { Glyph, Hash, Mono } from './marks.tsx';
import { sizes } from './theme.ts';

export function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <Box
      sx={{
        display: 'grid',
        gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 3fr)',
        columnGap: 1.5,
        minHeight: sizes.fieldRow,
        alignItems: 'center',
        borderBottom: 1,
        borderColor: 'divider',
        py: 0.25,
      }}
    >
      <Box component="dt" sx={{ color: 'text.secondary' }}>
        {name}
      </Box>
      <Box component="dd" sx={{ m: 0, textAlign: 'right', overflowWrap: 'anywhere' }}>
        {children}
      </Box>
    </Box>
  );
}

const looksLikeId = (value: string) => /^[0-9a-f-]{24,}$|^v-[0-9a-f]+$/.test(value);
const looksLikeTime = (value: string) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(value);

/** Words of the domain for what a fact names by its code; the text itself where it is none. */
function wordOf(name: string, value: string): string {
  const phase = name === 'phase' ? phaseSlugSchema.safeParse(value) : null;
  if (phase?.success) return phaseOf(phase.data).name;
  const strategy = name === 'strategy' ? strategies.find((one) => one === value) : undefined;
  if (strategy) return strategyNames[strategy];
  const feature = name === 'gains' ? workflowFeatures.find((one) => one === value) : undefined;
  return feature ? featureGains[feature] : value;
}

/** A fact as a person reads it: ids and hashes shortened, times local, numbers grouped, the rest as it is. */
export function FactValue({ name, value }: { name: string; value: Json }) {
  if (value === null) return 'none';
  if (typeof value === 'number') return count(value);
  if (typeof value === 'string') {
    if (looksLikeId(value)) return <Hash value={value} label={name} />;
    return looksLikeTime(value) ? exactTime(value) : wordOf(name, value);
  }
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) {
    return value.length === 0 ? 'none' : value.map((one) => wordOf(name, one)).join('; ');
  }
  return <Mono>{JSON.stringify(value)}</Mono>;
}

const camel = /([a-z])([A-Z])/g;
/** "operationId" as "operation id". */
export const factName = (name: string) => name.replace(camel, '$1 $2').toLowerCase();

/** The look of every pane beside a table; with `over` it lies upon the table. */
export const paneLook = (over: boolean) =>
  ({
    width: sizes.pane,
    maxWidth: 1,
    height: 1,
    overflowY: 'auto',
    borderLeft: 1,
    borderColor: 'divider',
    bgcolor: 'background.default',
    px: 2.25,
    py: 2,
    ...(over ? { position: 'absolute', right: 0, top: 0, zIndex: 3 } : { flex: 'none' }),
  }) as const;

/** The frame: a title, a way to close it where it lies over the table. */
export function Pane({
  label,
  title,
  close,
  children,
}: {
  label: string;
  title: string;
  close: (() => void) | null;
  children: React.ReactNode;
}) {
  return (
    <Box component="aside" aria-label={label} tabIndex={0} sx={paneLook(close !== null)}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1, mb: 1 }}>
        <Typography variant="h2">{title}</Typography>
        {close && (
          <IconButton aria-label="Close the pane" onClick={close}>
            <Glyph name="cross" />
          </IconButton>
        )}
      </Box>
      {children}
    </Box>
  );
}

/** What stands there while the cursor is on no row. */
export function EmptyPane({ close }: { close: (() => void) | null }) {
  return (
    <Pane label="Entry" title="Entry" close={close}>
      <Typography color="textSecondary">The entry under the cursor appears here.</Typography>
    </Pane>
  );
}
