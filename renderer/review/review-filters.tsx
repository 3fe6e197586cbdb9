// Owns the line of filters over a version's table: chips with counts, source, LOB, columns. Knows no row.
import { Box, Checkbox, Chip, ListItemText, MenuItem, Stack } from '@mui/material';
import type { ItemFilter, VersionDetail } from '../../preload/contract.ts';
import { count } from '../formats.ts';
import { columnFields, fieldLabel } from './phase-fields.ts';
import { MenuButton } from './review-header.tsx';
import type { ReviewView } from './view-state.ts';

type Show = NonNullable<ItemFilter['show']>;

/** The chips with their counts; `null` where the core gives none. */
export function filterChips(
  detail: VersionDetail | null,
  answering: boolean,
): { show: Show; label: string; count: number | null }[] {
  const counts = detail?.counts;
  // A draft that the data proposed has no verdicts and nothing before it.
  if (detail?.version.status === 'draft') return [{ show: 'all', label: 'All', count: detail.version.itemCount }];
  return [
    { show: 'all', label: 'All', count: counts?.total ?? null },
    { show: 'pending', label: 'Pending', count: counts?.pending ?? null },
    ...(counts && (counts.rejected > 0 || answering)
      ? [{ show: 'rejected' as const, label: 'Rejected', count: counts.rejected }]
      : []),
    { show: 'carried', label: 'Carried', count: detail?.carried ?? null },
    ...(detail === null || isDrawn(detail)
      ? [{ show: 'replacements' as const, label: 'Replacements', count: detail?.replacements ?? null }]
      : []),
    { show: 'changed', label: 'Changed', count: detail?.changed ?? null },
    { show: 'mine', label: 'Mine', count: null },
  ];
}

/** A chip that is pressed or not. */
export function FilterChip({
  label,
  amount,
  pressed,
  press,
  before,
}: {
  label: string;
  amount: number | null;
  pressed: boolean;
  press(): void;
  before?: React.ReactNode;
}) {
  return (
    <Chip
      clickable
      // A real button: MUI's own div would take Ctrl Enter, which submits, for a press.
      component="button"
      aria-pressed={pressed}
      onClick={press}
      label={
        <>
          {before}
          {label}
          {amount !== null && (
            <Box component="span" sx={{ fontWeight: 600, ...(pressed ? {} : { color: 'text.primary' }) }}>
              {count(amount)}
            </Box>
          )}
        </>
      }
      sx={pressed ? { fontWeight: 500 } : { color: 'text.secondary' }}
    />
  );
}

interface Props {
  detail: VersionDetail | null;
  answering: boolean;
  view: ReviewView;
  /** What the LOB column is called. */
  lobName: string;
  keyName: string;
  /** Fields that are columns now, and those that were left out for want of room. */
  shownFields: readonly string[];
  change(part: Partial<ReviewView>): void;
}

const sources = [
  { value: null, label: 'All sources' },
  { value: 'random', label: 'Random' },
  { value: 'targeted', label: 'Targeted' },
] as const;

/** Only samples are drawn: of nothing else is it asked how it came in. */
const isDrawn = (detail: VersionDetail | null): boolean => detail?.version.phase === 'sample-selection';

function SourceMenu({ view, change }: Props) {
  const { filter } = view;
  const source = sources.find((one) => one.value === filter.source);
  return (
    <MenuButton label={filter.source === null ? 'Source' : (source?.label ?? 'Source')} on={filter.source !== null}>
      {(close) =>
        sources.map(({ value, label }) => (
          <MenuItem
            key={label}
            selected={value === filter.source}
            onClick={() => {
              change({ filter: { ...filter, source: value } });
              close();
            }}
          >
            {label}
          </MenuItem>
        ))
      }
    </MenuButton>
  );
}

function LobMenu({ detail, lobName, view, change }: Props) {
  const { filter } = view;
  const choose = (lob: string | null) => change({ filter: { ...filter, lob } });
  // A version of one line of business has nothing to choose from.
  if (!detail || detail.lobs.length === 0 || detail.version.lob !== null) return null;
  return (
    <MenuButton label={filter.lob === null ? lobName : `${lobName}: ${filter.lob}`} on={filter.lob !== null}>
      {(close) =>
        [null, ...detail.lobs].map((lob) => (
          <MenuItem
            key={lob ?? ''}
            selected={lob === filter.lob}
            onClick={() => {
              choose(lob);
              close();
            }}
          >
            {lob ?? 'All'}
          </MenuItem>
        ))
      }
    </MenuButton>
  );
}

function ColumnsMenu({ detail, view, keyName, shownFields, change }: Props) {
  const fields = detail?.fields ?? [];
  const phase = detail?.version.phase ?? 'sample-selection';
  const chosen = view.fields ?? columnFields(phase, fields, keyName);
  const toggle = (field: string) =>
    change({ fields: chosen.includes(field) ? chosen.filter((one) => one !== field) : [...chosen, field] });
  return (
    <MenuButton label="Columns" on={view.fields !== null}>
      {() => [
        <MenuItem key="" onClick={() => change({ fields: null })} disabled={view.fields === null}>
          As many as fit
        </MenuItem>,
        ...fields.map((field) => (
          <MenuItem
            key={field}
            dense
            onClick={() => toggle(field)}
            role="menuitemcheckbox"
            aria-checked={chosen.includes(field)}
          >
            <Checkbox
              checked={chosen.includes(field)}
              tabIndex={-1}
              disableRipple
              aria-hidden
              slotProps={{ input: { 'aria-hidden': true, tabIndex: -1 } }}
            />
            <ListItemText
              primary={fieldLabel(phase, field)}
              secondary={chosen.includes(field) && !shownFields.includes(field) ? 'no room in this window' : null}
            />
          </MenuItem>
        )),
      ]}
    </MenuButton>
  );
}

/** Chips at the left, menus at the right. */
export function ReviewFilters(props: Props) {
  const { detail, answering, view, change } = props;
  const { filter } = view;
  return (
    <Stack direction="row" sx={{ gap: 1, flexWrap: 'wrap', justifyContent: 'space-between' }}>
      <Stack direction="row" role="group" aria-label="Show" sx={{ gap: 0.75, flexWrap: 'wrap' }}>
        {filterChips(detail, answering).map(({ show, label, count: amount }) => (
          <FilterChip
            key={show}
            label={label}
            amount={amount}
            pressed={filter.show === show}
            press={() => change({ filter: { ...filter, show } })}
          />
        ))}
      </Stack>
      <Stack direction="row" sx={{ gap: 0.75, flexWrap: 'wrap' }}>
        {isDrawn(detail) && <SourceMenu {...props} />}
        <LobMenu {...props} />
        <ColumnsMenu {...props} />
      </Stack>
    </Stack>
  );
}
