// Owns the wizard of four steps: file, columns, plan, draw. Any step can be visited again; what was typed is kept.
import { Alert, Box, ButtonBase, Link } from '@mui/material';
import type { LobState, Report } from '../../domain/change.ts';
import { keyProblem } from '../../domain/population.ts';
import { whyNotTurn } from '../../domain/turn.ts';
import { ActionButton } from '../action-button.tsx';
import { FailurePanel, sentence } from '../notices.tsx';
import { PageBody, PageHeader, usePlace } from '../page-header.tsx';
import { useMay } from '../use-may.ts';
import { useMe } from '../use-me.ts';
import { go, hashOf, importSteps } from '../routes.ts';
import type { ImportStep } from '../routes.ts';
import { sizes } from '../theme.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { ColumnsStep } from './columns-step.tsx';
import { DrawStep } from './draw-step.tsx';
import { FileStep } from './file-step.tsx';
import { PlanStep } from './plan-step.tsx';
import { useImports } from './use-imports.ts';
import { isReady, lobColumnOf, planOf, rowsPlanned, useWizardDraft, whyNotPlanFor } from './wizard-draft.ts';
import type { ReadyPopulation, WizardDraft } from './wizard-draft.ts';

const samples = { phase: 'sample-selection', lob: null } as const;

const stepNames: Readonly<Record<ImportStep, string>> = {
  file: 'File',
  columns: 'Columns',
  plan: 'Plan',
  draw: 'Draw',
};
const lines: Readonly<Record<ImportStep, string>> = {
  file: 'The file is hashed as it is received: the hash names the population from then on',
  columns: 'The key names each row for good, in every version',
  plan: 'Attribute sampling: what has to be drawn to support the conclusion',
  draw: 'Recorded before any row is shown, so that anybody can draw the same sample again; limits come from random rows only',
};

/** Why a step cannot be used yet, or null when it can. Any step may be looked at. `lobs`: those of the report, once they are named. */
export function whyNotStep(
  step: ImportStep,
  population: ReadyPopulation | null,
  draft: WizardDraft,
  lobs: readonly LobState[] = [],
): string | null {
  if (step === 'file') return null;
  if (!population) return 'A population has to be imported first';
  if (step === 'columns') return null;
  const key = population.state.columns.find((column) => column.name === draft.keyColumn);
  if (!key) return 'A key column has to be chosen first';
  const problem = keyProblem(key);
  if (problem) return sentence({ message: problem });
  if (step === 'plan') return null;
  const plan = planOf(draft, rowsPlanned(draft, population, lobs));
  return plan.kind === 'planned' ? null : plan.message;
}

function Steps({ reportId, current }: { reportId: string; current: ImportStep }) {
  return (
    <Box component="nav" aria-label="Steps of the import" sx={{ display: 'flex', gap: 0.5, mb: 2 }}>
      {importSteps.map((step, index) => (
        <ButtonBase
          key={step}
          component="a"
          href={hashOf({ screen: 'import', reportId, step })}
          aria-current={step === current ? 'step' : undefined}
          sx={{
            height: sizes.chip,
            px: 1.5,
            gap: 1,
            borderRadius: 1,
            typography: 'button',
            color: step === current ? 'accent.main' : 'text.secondary',
            bgcolor: step === current ? 'accent.tint' : 'transparent',
          }}
        >
          <span>{index + 1}</span> {stepNames[step]}
        </ButtonBase>
      ))}
    </Box>
  );
}

function Foot({
  reportId,
  step,
  whyNotNext,
  toReport,
}: {
  reportId: string;
  step: ImportStep;
  whyNotNext: string | null;
  /** The next thing to do is in the report, not here. */
  toReport: boolean;
}) {
  const at = importSteps.indexOf(step);
  const before = importSteps[at - 1];
  const next = importSteps[at + 1];
  const to = (target: ImportStep) => () => go({ screen: 'import', reportId, step: target });
  return (
    <Box sx={{ display: 'flex', gap: 1, mt: 2.5 }}>
      {before && (
        <ActionButton
          label={`Back to ${stepNames[before].toLowerCase()}`}
          keys="["
          group="Import"
          run={to(before)}
          showKey
        />
      )}
      {next && (
        <ActionButton
          label={`Next: ${stepNames[next].toLowerCase()}`}
          keys="]"
          group="Import"
          run={to(next)}
          showKey
          variant={whyNotNext || toReport ? 'outlined' : 'contained'}
          color={whyNotNext || toReport ? 'inherit' : 'primary'}
          whyNot={whyNotNext}
        />
      )}
      {toReport && (
        <ActionButton
          label="Open the report"
          keys="o"
          group="Import"
          showKey
          variant="contained"
          color="primary"
          run={() => go({ screen: 'report', reportId })}
        />
      )}
    </Box>
  );
}

// The chosen population, else the newest one; the worker's key proposal counts until a person chose. What the report is divided by is
// what its sample is spread over.
function settle(
  draft: WizardDraft,
  ready: readonly ReadyPopulation[],
  report: Report | null,
): { population: ReadyPopulation | null; draft: WizardDraft } {
  const newest = ready.toSorted((left, right) => right.importedAt.localeCompare(left.importedAt))[0];
  const population = ready.find((one) => one.populationHash === draft.populationHash) ?? newest ?? null;
  if (!population) return { population, draft };
  const isColumn = (name: string | null) => population.state.columns.some((column) => column.name === name);
  const keyColumn = isColumn(draft.keyColumn) ? draft.keyColumn : population.state.keyColumn;
  const ofReport = lobColumnOf(report);
  const lobColumn = ofReport ?? (isColumn(draft.lobColumn) ? draft.lobColumn : null);
  const isLane = ofReport !== null && report?.lobs.some((row) => row.lob === draft.lob && row.status !== 'cancelled');
  const lob = isLane ? draft.lob : null;
  return { population, draft: { ...draft, populationHash: population.populationHash, keyColumn, lobColumn, lob } };
}

interface StepProps {
  reportId: string;
  step: ImportStep;
  kept: WizardDraft;
  change(part: Partial<WizardDraft>): void;
}

function Step({ reportId, step, kept, change }: StepProps) {
  const me = useMe();
  const report = useCommand('report:get', { reportId }, whenReportChanges(reportId));
  const { populations, imports } = useImports(reportId);
  const data = valueOf(report);
  const lobs = data?.report.lobs ?? [];
  const versions = data?.versions ?? [];
  const { population, draft } = settle(kept, (populations ?? []).filter(isReady), data?.report ?? null);
  const problem = whyNotStep(step, population, draft, lobs);
  const may = useMay(data?.report ?? null);
  const notNow = me && data ? whyNotTurn(data.report, samples, me) : null;
  const mayPlan = may({ kind: 'plan-sample' }, notNow);
  // A plan is made from all of this: what was recorded stays, a changed draft is another plan.
  const changePlan = (part: Partial<WizardDraft>) =>
    change({ ...draft, seed: draft.planId ? '' : draft.seed, planId: null, ...part });
  const next = importSteps[importSteps.indexOf(step) + 1];
  // An import of this laptop says by itself how it failed: these are those of others.
  const told = new Set(imports.map((job) => (job.state.kind === 'failed' ? job.fileHash : null)));
  const failed = (populations ?? []).flatMap(({ fileName, populationHash, state }) =>
    state.kind === 'failed' && !told.has(populationHash) ? [{ fileName, message: state.message }] : [],
  );
  const plan = population ? planOf(draft, rowsPlanned(draft, population, lobs)) : null;
  return (
    <>
      {report.kind === 'failed' && report.error.kind !== 'not-found' && (
        <FailurePanel failure={report.error} retry={report.reload} />
      )}
      {report.kind === 'failed' && report.error.kind === 'not-found' && (
        <Alert severity="info" sx={{ mb: 1.5 }}>
          The start of this report is not confirmed yet. A file can be imported meanwhile; it waits and goes on by
          itself.
        </Alert>
      )}
      {problem && <Alert severity="warning">{problem}</Alert>}
      {step === 'file' && (
        <FileStep
          reportId={reportId}
          imports={imports}
          populations={(populations ?? []).filter(isReady)}
          failed={failed}
          chosen={population?.populationHash ?? null}
          choose={(populationHash) => changePlan({ populationHash, keyColumn: null, lobColumn: null })}
          whyNot={may({ kind: 'import-population' })}
        />
      )}
      {(step === 'plan' || step === 'draw') && notNow && (
        <Alert severity="info" sx={{ mb: 1.5 }}>
          {sentence(notNow)}. A plan can be tried out here meanwhile.{' '}
          <Link href={hashOf({ screen: 'report', reportId })}>Open the report</Link>
        </Alert>
      )}
      {step === 'columns' && population && (
        <ColumnsStep report={data?.report ?? null} population={population} draft={draft} change={changePlan} />
      )}
      {step === 'plan' && population && (!problem || draft.lob !== null) && (
        <PlanStep
          report={data?.report ?? null}
          versions={versions}
          population={population}
          draft={draft}
          change={changePlan}
        />
      )}
      {step === 'draw' && population && !problem && plan?.kind === 'planned' && (
        <DrawStep
          reportId={reportId}
          population={population}
          draft={draft}
          change={(part) => change({ ...draft, ...part })}
          plan={plan}
          plans={data?.plans ?? []}
          versions={versions}
          lobs={lobs}
          recommendations={data?.recommendations ?? []}
          whyNot={mayPlan ?? whyNotPlanFor(draft.lob, versions)}
        />
      )}
      <Foot
        reportId={reportId}
        step={step}
        whyNotNext={next ? whyNotStep(next, population, draft, lobs) : null}
        toReport={population !== null && notNow !== null}
      />
    </>
  );
}

export function ImportWizard({ reportId, step }: { reportId: string; step: ImportStep }) {
  const data = valueOf(useCommand('report:get', { reportId }, whenReportChanges(reportId)));
  const [draft, change] = useWizardDraft(reportId);
  const name = data?.report.name ?? 'Report';
  usePlace([
    { text: 'Home', route: { screen: 'home' } },
    { text: name, route: { screen: 'report', reportId } },
    { text: 'Import and plan' },
  ]);
  return (
    <PageBody>
      <PageHeader title="Import and plan" line={lines[step]} />
      <Steps reportId={reportId} current={step} />
      {draft && <Step reportId={reportId} step={step} kept={draft} change={change} />}
    </PageBody>
  );
}
