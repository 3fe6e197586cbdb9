// Owns the pane beside the table: one row whole, what may be done with it, its life. Decides nothing.
import { Box, IconButton, Stack, Tooltip, Typography } from '@mui/material';
import type { Answer } from '../../domain/operation.ts';
import type { ItemFields } from '../../domain/phase-item.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ItemBody } from '../../domain/version.ts';
import type { ItemDetail } from '../../preload/contract.ts';
import { paneLook } from '../fact-pane.tsx';
import { isNumeric } from '../formats.ts';
import { Glyph, Hash, KeyCap, Mono, When } from '../marks.tsx';
import { sizes } from '../theme.ts';
import { useCommand, valueOf } from '../use-command.ts';
import { editedBody } from './edit-fields.ts';
import { ItemLife } from './item-life.tsx';
import { fieldLabel, fieldText, ownFields } from './phase-fields.ts';
import type { ShownRow } from './review-columns.tsx';
import { sourceWords } from './review-columns.tsx';
import { drawFacts, reasonName } from './sentences.ts';
import type { VersionContext } from './version-context.ts';

interface Props {
  versionId: string;
  phase: PhaseSlug;
  row: ShownRow | undefined;
  fields: readonly string[];
  context: VersionContext;
  nameOf(personId: string | null): string;
  /** Who looks: says "you". */
  me: string | null;
  /** Buttons for this row. */
  actions: React.ReactNode;
  /** Given when the pane lies over the table. */
  close: (() => void) | null;
}

/** A text that reads as sentences stands under its name, over the whole width. */
function isProse(value: ItemBody[string] | undefined): boolean {
  return typeof value === 'string' && (value.length > 60 || value.includes('\n'));
}

/** The fields of a row with their place in the population. */
export function FieldList({
  phase,
  body,
  fields,
  percentiles,
  changed,
}: {
  phase: PhaseSlug;
  body: ItemBody;
  fields: readonly string[];
  percentiles?: Record<string, number>;
  changed?: ReadonlySet<string>;
}) {
  return (
    <Box component="dl" sx={{ m: 0 }}>
      {fields.map((field) => {
        const value = body[field];
        // A field may be called "__proto__": what an object only inherits is no percentile.
        const place = percentiles && Object.hasOwn(percentiles, field) ? percentiles[field] : undefined;
        return (
          <Box
            key={field}
            sx={{
              display: 'grid',
              gridTemplateColumns: isProse(value)
                ? 'minmax(0, 1fr)'
                : percentiles
                  ? 'minmax(0, 1fr) minmax(0, 1fr) 3em'
                  : 'minmax(0, 1fr) minmax(0, 1fr)',
              columnGap: 1.5,
              minHeight: sizes.fieldRow,
              alignItems: 'center',
              borderBottom: 1,
              borderColor: 'divider',
              ...(changed?.has(field) ? { bgcolor: 'waiting.tint' } : {}),
            }}
          >
            <Box component="dt" sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>
              {fieldLabel(phase, field)}
            </Box>
            <Box
              component="dd"
              sx={{
                m: 0,
                overflowWrap: 'anywhere',
                ...(isProse(value) ? { whiteSpace: 'pre-wrap', pb: 1 } : { textAlign: 'right' }),
                ...(changed?.has(field) ? { color: 'waiting.main' } : {}),
                ...(isNumeric(value) || isProse(value) ? {} : { py: 0.5 }),
              }}
            >
              {fieldText(phase, field, value)}
            </Box>
            {percentiles && !isProse(value) && (
              <Box component="dd" sx={{ m: 0, color: 'text.secondary', textAlign: 'right' }}>
                {place === undefined ? '' : `p${Math.round(place)}`}
              </Box>
            )}
          </Box>
        );
      })}
    </Box>
  );
}

function Replaced({ row, me, nameOf }: Pick<Props, 'me' | 'nameOf'> & { row: ShownRow }) {
  const origin = row.origin.kind === 'replacement' ? row.origin : null;
  const loaded = useCommand(
    'item:get',
    origin && { versionId: origin.versionId, itemKey: origin.replacesKey },
    () => false,
  );
  if (!origin) return null;
  const before = valueOf(loaded)?.row;
  const who = before?.decidedBy ? (before.decidedBy === me ? 'you' : nameOf(before.decidedBy)) : null;
  const reason = reasonName(before?.reasonCode ?? null);
  return (
    <Notice>
      Replaces <Mono>{origin.replacesKey}</Mono>, which {who ? `${who} rejected` : 'was rejected'} in v
      {origin.versionNumber}
      {reason && (
        <>
          {' as '}
          <b>{reason}</b>
        </>
      )}
      .
    </Notice>
  );
}

function Notice({ children }: { children: React.ReactNode }) {
  return (
    <Box sx={{ bgcolor: 'background.sunk', borderRadius: 1, px: 1.25, py: 1, overflowWrap: 'anywhere' }}>
      {children}
    </Box>
  );
}

/** What a reviewer has to know before deciding: where the row comes from and what was said. */
function Notices(props: Pick<Props, 'me' | 'nameOf' | 'phase'> & { row: ShownRow }) {
  const { row, nameOf, me, phase } = props;
  const { origin, answer } = row;
  const decided = row.verdict !== 'pending' && row.decidedBy !== null;
  return (
    <>
      <Replaced {...props} />
      {origin.kind === 're-opened' && (
        <Notice>
          Re-opened: {origin.reason} since v{origin.versionNumber}, so its approval does not count any more.
        </Notice>
      )}
      {origin.kind === 'kept' && (
        <Notice>
          Rejected in v{origin.versionNumber} and kept by the tester: “{origin.rationale}”
        </Notice>
      )}
      {decided && (
        <Notice>
          {row.verdict === 'approved' ? 'Approved' : `Rejected as ${reasonName(row.reasonCode)}`} by{' '}
          {row.decidedBy === me ? 'you' : nameOf(row.decidedBy)}
          {row.decidedAt && (
            <>
              , <When at={row.decidedAt} />
            </>
          )}
        </Notice>
      )}
      {row.note !== '' && <Notice>Note: {row.note}</Notice>}
      {origin.kind === 'edited' && <Notice>Changed since v{origin.versionNumber}.</Notice>}
      {origin.kind === 'disputed' && (
        <Notice>
          Rejected in v{origin.versionNumber} and kept as disputed by {nameOf(origin.by)}: “{origin.rationale}”
        </Notice>
      )}
      {row.edit?.edit === 'set' && <Notice>Changed here: {labels(phase, row.edit.fields)}. Not handed in yet.</Notice>}
      {row.edit?.edit === 'remove' && <Notice>It will be taken out: “{row.edit.reason}”</Notice>}
      {answer && <Notice>{answerSentence(phase, answer)}</Notice>}
    </>
  );
}

const labels = (phase: PhaseSlug, fields: ItemFields): string =>
  Object.keys(fields)
    .map((field) => fieldLabel(phase, field))
    .join(', ');

const answerStarts = {
  keep: 'Answer: keep it.',
  remove: 'Answer: take it out.',
  dispute: 'Answer: keep it as disputed.',
} as const;

function answerSentence(phase: PhaseSlug, answer: Answer): string {
  switch (answer.answer) {
    case 'replace':
      return 'Answer: replace it with the next row in seed order.';
    case 'edit':
      return `Answer: changed in ${labels(phase, answer.fields)}.`;
    default:
      return `${answerStarts[answer.answer]} “${answer.rationale}”`;
  }
}

function Hints() {
  const hints = [
    { keys: ['j', 'k'], text: 'move' },
    { keys: ['x'], text: 'select' },
    { keys: ['u'], text: 'undo' },
    { keys: ['[', ']'], text: 'versions' },
    { keys: ['?'], text: 'all keys' },
  ];
  return (
    <Box
      aria-hidden="true"
      sx={{
        display: 'flex',
        flexWrap: 'wrap',
        columnGap: 1,
        rowGap: 0.5,
        color: 'text.secondary',
        typography: 'caption',
      }}
    >
      {hints.map(({ keys, text }) => (
        <Box key={text} component="span" sx={{ display: 'inline-flex', gap: 0.5, alignItems: 'center' }}>
          {keys.map((name) => (
            <KeyCap key={name} name={name} />
          ))}
          {text}
        </Box>
      ))}
    </Box>
  );
}

function Foot({ context }: Pick<Props, 'context'>) {
  const { plan, population } = context;
  return (
    <Stack sx={{ gap: 1, mt: 'auto', pt: 2 }}>
      {plan && (
        <Typography variant="caption" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
          {drawFacts(plan, population)} · sha256{' '}
          <Hash value={plan.request.populationHash} label="hash of the population" />
        </Typography>
      )}
      <Hints />
    </Stack>
  );
}

function Facts({ props, row, detail }: { props: Props; row: ShownRow; detail: ItemDetail | null }) {
  const { context, nameOf, phase } = props;
  // The key is the title, and no quantity: neither grouped digits nor a place in the population would mean anything.
  const fields = ownFields(phase, props.fields, row.body ?? {}).filter(
    (field) => field !== context.plan?.request.keyColumn,
  );
  // Only samples are rows of the population and have a place in it.
  const ofPopulation = row.source.kind === 'random' || row.source.kind === 'targeted';
  return (
    <>
      <Box
        sx={{
          display: 'flex',
          justifyContent: 'space-between',
          typography: 'caption',
          color: 'text.secondary',
          mb: -1,
        }}
      >
        <Typography variant="subtitle2" component="h3" color="textSecondary" sx={{ fontWeight: 600 }}>
          Fields
        </Typography>
        {ofPopulation && <span>population percentile</span>}
      </Box>
      {row.body ? (
        <FieldList
          phase={phase}
          body={editedBody(row) ?? row.body}
          fields={fields}
          changed={new Set(fields.filter((field) => editedBody(row)?.[field] !== row.body?.[field]))}
          {...(ofPopulation ? { percentiles: detail?.percentiles ?? {} } : {})}
        />
      ) : (
        <Typography color="textSecondary">
          Its contents are not on this laptop yet; they come with the next connection.
        </Typography>
      )}
      <Typography variant="subtitle2" component="h3" color="textSecondary" sx={{ fontWeight: 600, mt: 0.5, mb: -0.5 }}>
        Life of this row
      </Typography>
      {detail ? (
        <ItemLife life={detail.life} nameOf={nameOf} />
      ) : (
        <Typography color="textSecondary">Reading</Typography>
      )}
    </>
  );
}

/** One row whole. */
export function DetailPane(props: Props) {
  const { versionId, row, context, close, actions } = props;
  const key = row?.itemKey ?? null;
  const loaded = useCommand(
    'item:get',
    key === null ? null : { versionId, itemKey: key },
    (event) => event.kind === 'changed' && event.versionIds.includes(versionId),
  );
  const read = valueOf(loaded);
  const detail = read?.row.itemKey === key ? read : null;
  return (
    <Box
      component="aside"
      aria-label="Row"
      sx={{ ...paneLook(close !== null), display: 'flex', flexDirection: 'column', gap: 1.5 }}
    >
      {row ? (
        <>
          <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 1, minWidth: 0 }}>
            <Typography
              variant="mono"
              component="h2"
              sx={{ fontSize: '1.0625rem', fontWeight: 600, overflowWrap: 'anywhere' }}
            >
              {row.itemKey}
            </Typography>
            <Typography color="textSecondary" sx={{ flex: 1 }}>
              {sourceWords(row)}
              {row.source.kind === 'random' && context.plan && `, seed ${context.plan.request.seed}`}
            </Typography>
            {close && <CloseButton close={close} />}
          </Box>
          {actions}
          <Notices {...props} row={row} />
          <Facts props={props} row={row} detail={detail} />
        </>
      ) : (
        <Stack direction="row" sx={{ justifyContent: 'space-between' }}>
          <Typography color="textSecondary">The row under the cursor appears here.</Typography>
          {close && <CloseButton close={close} />}
        </Stack>
      )}
      <Foot context={context} />
    </Box>
  );
}

function CloseButton({ close }: { close(): void }) {
  return (
    <Tooltip title="Close the pane (D)">
      <IconButton aria-label="Close the pane" onClick={close} sx={{ alignSelf: 'flex-start' }}>
        <Glyph name="cross" />
      </IconButton>
    </Tooltip>
  );
}
