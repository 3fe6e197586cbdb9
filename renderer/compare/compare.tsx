// Owns the comparison of two versions: what is shown of it, where the cursor is, what is exported. The core compares.
import { Box, Chip, MenuItem, Stack, Tooltip, Typography } from '@mui/material';
import { useEffect, useMemo, useRef, useState } from 'react';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Version } from '../../domain/version.ts';
import type { ComparisonPage } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { bridge } from '../bridge.ts';
import { counted, shortHash } from '../formats.ts';
import { When } from '../marks.tsx';
import { FailurePanel, tellDone } from '../notices.tsx';
import { PageBody, PageHeader } from '../page-header.tsx';
import { FilterChip } from '../review/review-filters.tsx';
import { columnFields, fieldLabel } from '../review/phase-fields.ts';
import { fieldWidth } from '../review/review-columns.tsx';
import { MenuButton, VersionSwitcher, statusWord } from '../review/review-header.tsx';
import { useVersionContext, useVersionPlace } from '../review/version-context.ts';
import type { VersionContext } from '../review/version-context.ts';
import { go } from '../routes.ts';
import { activeProfile, useShared } from '../store.ts';
import { ArrivedLine } from '../table/arrived-line.tsx';
import type { GridHandle } from '../table/data-grid.tsx';
import { DataGrid } from '../table/data-grid.tsx';
import { RowSource } from '../table/row-source.ts';
import { useWidth } from '../table/use-width.ts';
import { sizes } from '../theme.ts';
import { perform, useCommand, valueOf } from '../use-command.ts';
import { usePeople } from '../use-people.ts';
import { compareColumns, fieldsSeen, fieldsThatFit, keyOfLine } from './compare-columns.tsx';
import type { ComparedLine } from './compare-columns.tsx';
import { saveText } from './download.ts';
import { LineDialog } from './line-dialog.tsx';
import { changeWords, compareChips, distanceWords, lastReviewedBy, stepToChange } from './steps.ts';
import type { CompareShow } from './steps.ts';

interface Pair {
  leftVersionId: string;
  rightVersionId: string;
}

const to = (left: Version, right: Version) =>
  go({ screen: 'compare', leftVersionId: left.versionId, rightVersionId: right.versionId });

/** The lines of a comparison under a filter. */
function useLines(pair: Pair, show: CompareShow): RowSource<ComparedLine> {
  const epoch = useShared((state) => state.epoch);
  const { leftVersionId, rightVersionId } = pair;
  const source = useMemo(() => {
    void epoch;
    return new RowSource<ComparedLine>({
      keyOf: keyOfLine,
      fetchPage: (offset, limit) =>
        bridge().invoke('version:compare', { leftVersionId, rightVersionId, show, offset, limit }),
    });
  }, [leftVersionId, rightVersionId, show, epoch]);
  useEffect(
    () =>
      bridge().subscribe((event) => {
        if (event.kind !== 'changed') return;
        if (event.versionIds.some((id) => id === leftVersionId || id === rightVersionId))
          void source.refresh('elsewhere');
      }),
    [source, leftVersionId, rightVersionId],
  );
  return source;
}

export function CompareScreen(pair: Pair) {
  const [show, setShow] = useState<CompareShow>('all');
  const loaded = useCommand(
    'version:compare',
    { ...pair, show, limit: 1 },
    (event) =>
      event.kind === 'changed' &&
      event.versionIds.some((id) => id === pair.leftVersionId || id === pair.rightVersionId),
  );
  const page = valueOf(loaded);
  const context = useVersionContext(page?.right ?? null);
  useVersionPlace(page?.right ?? null, context, 'Compare', page && footOf(page, context));
  if (!page) {
    return (
      <PageBody>
        <PageHeader title="Compare" line={loaded.kind === 'loading' ? 'Reading both versions' : 'Not compared'} />
        {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
      </PageBody>
    );
  }
  return <Compared key={show} {...{ pair, page, context, show, setShow }} />;
}

/** What was compared and what a re-performer needs. */
function footOf(page: ComparisonPage, { plan, population }: VersionContext): string {
  const drawn = plan
    ? ` · sample drawn with seed ${plan.request.seed} from ${population?.fileName ?? 'its population'} sha256 ${shortHash(plan.request.populationHash)}`
    : '';
  return `Compared by item key · ${counted(page.fields.length, 'field')}${drawn}`;
}

interface ComparedProps {
  pair: Pair;
  page: ComparisonPage;
  context: VersionContext;
  show: CompareShow;
  setShow(show: CompareShow): void;
}

function Compared({ pair, page, context, show, setShow }: ComparedProps) {
  const { nameOf } = usePeople();
  const source = useLines(pair, show);
  const [cursor, setCursor] = useState(page.changeIndexes[0] ?? 0);
  const [opened, setOpened] = useState<ComparedLine | null>(null);
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const grid = useRef<GridHandle>(null);
  const [watchWidth, width] = useWidth();
  useEffect(() => grid.current?.focus(), []);
  const step = (direction: 1 | -1) => {
    const line = stepToChange(page.changeIndexes, cursor, direction);
    if (line === null) return tellDone(direction === 1 ? 'This is the last change' : 'This is the first change');
    setCursor(line);
    return grid.current?.show(line);
  };
  return (
    <Box sx={{ height: 1, overflowY: 'auto', display: 'flex', flexDirection: 'column' }}>
      <Box component="header" sx={{ px: 2.5, pt: 1.75, pb: 1.5, flex: 'none' }}>
        <Head {...{ pair, page, context, show, nameOf }} />
        <Stack direction="row" sx={{ gap: 1, flexWrap: 'wrap', justifyContent: 'space-between' }}>
          <Chips page={page} show={show} setShow={setShow} />
          <Stack direction="row" sx={{ gap: 0.75, alignItems: 'center', flexWrap: 'wrap' }}>
            <FieldsMenu phase={page.right.phase} fields={page.fields} chosen={chosen} choose={setChosen} />
            <Typography color="textSecondary" role="status">
              {changeWords(page.changeIndexes, cursor)}
            </Typography>
            <ActionButton label="Previous" keys="p" group="Changes" showKey run={() => step(-1)} />
            <ActionButton label="Next" keys="n" group="Changes" showKey run={() => step(1)} />
          </Stack>
        </Stack>
      </Box>
      <ArrivedLine arrived={source.arrived} show={() => source.startOver()} />
      {source.failure && <FailurePanel failure={source.failure} retry={() => source.startOver()} />}
      <Box
        ref={watchWidth}
        sx={{ flex: 1, minHeight: sizes.leastTable, borderTop: 1, borderColor: 'divider', minWidth: 0 }}
      >
        <Lines
          {...{ page, source, cursor, width, chosen, nameOf, show }}
          keyName={context.plan?.request.keyColumn ?? 'Key'}
          reach={setCursor}
          open={(index) => setOpened(source.row(index) ?? null)}
          handle={grid}
        />
      </Box>
      {opened && (
        <LineDialog
          keyName={context.plan?.request.keyColumn ?? null}
          line={opened}
          left={page.left}
          right={page.right}
          fields={page.fields}
          nameOf={nameOf}
          close={() => setOpened(null)}
        />
      )}
    </Box>
  );
}

/** How many lines are looked at to choose the fields: changed ones first. */
const sampledLines = 100;
const nothingSeen = '[[],[],[]]';

function Lines({
  page,
  source,
  cursor,
  width,
  chosen,
  nameOf,
  show,
  keyName,
  reach,
  open,
  handle,
}: {
  page: ComparisonPage;
  source: RowSource<ComparedLine>;
  cursor: number;
  width: number;
  chosen: readonly string[] | null;
  nameOf(personId: string | null): string;
  show: CompareShow;
  keyName: string;
  reach(index: number): void;
  open(index: number): void;
  handle: React.Ref<GridHandle>;
}) {
  const [seen, setSeen] = useState(nothingSeen);
  const { fields } = page;
  const { phase } = page.right;
  useEffect(() => {
    const look = () => {
      const lines = Array.from({ length: sampledLines }, (_, at) => source.row(at)).filter(
        (line) => line !== undefined,
      );
      const found = fieldsSeen(phase, lines, fields);
      const text = JSON.stringify([[...found.changed], [...found.numeric], [...found.longest]]);
      setSeen((before) => (before === text ? before : text));
    };
    look();
    return source.subscribe(look);
  }, [source, phase, fields]);
  const columns = useMemo(() => {
    const [changed, numeric, longest] = JSON.parse(seen) as [string[], string[], [string, number][]];
    const lengths = new Map(longest);
    const widthOf = (field: string) =>
      fieldWidth(fieldLabel(phase, field), numeric.includes(field), lengths.get(field) ?? 0);
    // In the order in which a review shows them, then the others.
    const usable = [...new Set([...columnFields(phase, fields, keyName), ...fields])].filter(
      (field) => field !== keyName,
    );
    const shown = fieldsThatFit(usable, new Set(changed), chosen, width, widthOf);
    return compareColumns({ phase, fields: shown, numeric: new Set(numeric), widthOf, keyName, nameOf });
  }, [phase, fields, seen, chosen, width, keyName, nameOf]);
  const half = Math.floor(columns.length / 2);
  return (
    <DataGrid<ComparedLine>
      label={`${phaseOf(page.right.phase).itemsName} of both versions`}
      source={source}
      columns={columns}
      keyOf={keyOfLine}
      cursor={cursor}
      reach={(index) => reach(index)}
      open={open}
      toneOf={() => ''}
      cursorClass="framed"
      over={<SideNames left={page.left} right={page.right} columns={half} />}
      empty={show === 'all' ? 'Both versions are empty.' : 'No line is like that.'}
      handle={handle}
    />
  );
}

function SideNames({ left, right, columns }: { left: Version; right: Version; columns: number }) {
  const name = (version: Version) => (
    <>
      Version {version.number} <span className="muted">{statusWord(version)}</span>
    </>
  );
  return (
    <div className="head-row over-row" aria-hidden="true">
      <div className="heading" style={{ gridColumn: `1 / span ${columns}` }}>
        {name(left)}
      </div>
      <div className="heading gap" />
      <div className="heading" style={{ gridColumn: `span ${columns}` }}>
        {name(right)}
      </div>
    </div>
  );
}

function Chips({ page, show, setShow }: { page: ComparisonPage; show: CompareShow; setShow(show: CompareShow): void }) {
  const swatches: Partial<Record<CompareShow, string>> = {
    added: 'approved.main',
    removed: 'rejected.main',
    changed: 'waiting.main',
  };
  return (
    <Stack direction="row" role="group" aria-label="Show" sx={{ gap: 0.75, flexWrap: 'wrap' }}>
      {compareChips(page.counts).map((chip) => {
        const swatch = swatches[chip.show];
        return (
          <FilterChip
            key={chip.show}
            label={chip.label}
            amount={chip.count}
            pressed={show === chip.show}
            press={() => setShow(chip.show)}
            before={
              swatch && <Box component="span" sx={{ width: 8, height: 8, borderRadius: 0.25, bgcolor: swatch }} />
            }
          />
        );
      })}
    </Stack>
  );
}

function FieldsMenu({
  phase,
  fields,
  chosen,
  choose,
}: {
  phase: PhaseSlug;
  fields: readonly string[];
  chosen: readonly string[] | null;
  choose(fields: readonly string[] | null): void;
}) {
  const now = chosen ?? fields;
  return (
    <MenuButton label="Fields" on={chosen !== null}>
      {() => [
        <MenuItem key="" disabled={chosen === null} onClick={() => choose(null)}>
          As many as fit, changed ones first
        </MenuItem>,
        ...fields.map((field) => (
          <MenuItem
            key={field}
            role="menuitemcheckbox"
            aria-checked={now.includes(field)}
            selected={now.includes(field)}
            onClick={() => choose(now.includes(field) ? now.filter((one) => one !== field) : [...now, field])}
          >
            {fieldLabel(phase, field)}
          </MenuItem>
        )),
      ]}
    </MenuButton>
  );
}

/** The two versions, how they stand to each other, other pairs, the export. */
function Head({
  pair,
  page,
  context,
  show,
  nameOf,
}: {
  pair: Pair;
  page: ComparisonPage;
  context: VersionContext;
  show: CompareShow;
  nameOf(personId: string | null): string;
}) {
  const { left, right } = page;
  const me = useShared((state) => activeProfile(state)?.personId ?? null);
  const { siblings } = context;
  const parent = siblings.find((one) => one.versionId === right.parentVersionId) ?? null;
  const mine = lastReviewedBy(me, right, siblings);
  const is = (other: Version | null) => other?.versionId === left.versionId;
  const save = async (what: CompareShow) => {
    const exported = await perform('comparison:export', { ...pair, show: what });
    if (!exported) return;
    saveText(exported.fileName, exported.csv, 'text/csv;charset=utf-8');
    tellDone(`${exported.fileName}: ${counted(exported.lines, 'line')} handed to the browser`);
  };
  return (
    <PageHeader
      title={
        <>
          <VersionSwitcher version={left} siblings={siblings} label="Version" choose={(other) => to(other, right)} />
          {' ⇄ '}
          <VersionSwitcher version={right} siblings={siblings} choose={(other) => to(left, other)} />
        </>
      }
      line={
        <>
          <StateOf version={left} nameOf={nameOf} /> · <StateOf version={right} nameOf={nameOf} /> ·{' '}
          {distanceWords(left, right)}
        </>
      }
    >
      <MenuButton label="Any two" on={!is(parent) && !is(mine)}>
        {(close) =>
          siblings
            .filter((one) => one.versionId !== right.versionId)
            .map((one) => (
              <MenuItem
                key={one.versionId}
                selected={is(one)}
                onClick={() => {
                  close();
                  to(one, right);
                }}
              >
                Version {one.number} against version {right.number}
              </MenuItem>
            ))
        }
      </MenuButton>
      <PairChip
        label="Parent"
        pressed={is(parent)}
        whyNot={parent ? null : `Version ${right.number} is the first`}
        press={() => parent && to(parent, right)}
      />
      <PairChip
        label="Since my last review"
        pressed={is(mine)}
        whyNot={mine ? null : 'You reviewed no earlier version'}
        press={() => mine && to(mine, right)}
      />
      <MenuButton label="Export" on={false}>
        {(close) => [
          <MenuItem
            key="shown"
            onClick={() => {
              close();
              void save(show);
            }}
          >
            What is shown, as CSV
          </MenuItem>,
          <MenuItem
            key="all"
            onClick={() => {
              close();
              void save('all');
            }}
          >
            All rows, as CSV
          </MenuItem>,
        ]}
      </MenuButton>
    </PageHeader>
  );
}

function PairChip({
  label,
  pressed,
  whyNot,
  press,
}: {
  label: string;
  pressed: boolean;
  whyNot: string | null;
  press(): void;
}) {
  return (
    <Tooltip title={whyNot ?? ''}>
      <Chip
        clickable
        component="button"
        label={label}
        aria-pressed={pressed}
        aria-disabled={whyNot !== null || undefined}
        onClick={() => (whyNot === null ? press() : tellDone(whyNot))}
        sx={pressed ? { fontWeight: 500 } : { color: 'text.secondary' }}
      />
    </Tooltip>
  );
}

function StateOf({ version, nameOf }: { version: Version; nameOf(personId: string | null): string }) {
  return (
    <>
      v{version.number} {statusWord(version)}
      {version.reviewedBy && version.reviewedAt ? (
        <>
          , reviewed by {nameOf(version.reviewedBy)} <When at={version.reviewedAt} />
        </>
      ) : (
        <>
          {' since '}
          <When at={version.createdAt} />
        </>
      )}
    </>
  );
}
