// Owns the last step: what a re-performer needs, the plan with its seed recorded before any row shows, then the draw.
import { Box, FormControlLabel, Paper, Radio, RadioGroup, Stack, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import type { LobState, Recommendation } from '../../domain/change.ts';
import { seedTextSchema } from '../../domain/sample-plan.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import { DRAW_ALGORITHM, DRAW_GENERATOR } from '../../domain/sampling/draw.ts';
import type { SamplePlan } from '../../domain/sampling/plan.ts';
import type { Version } from '../../domain/version.ts';
import type { Failure } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { bridge } from '../bridge.ts';
import { count, percent } from '../formats.ts';
import { Hash, Mono } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { Drawing, Drawn } from './drawing.tsx';
import { fractionOf } from './wizard-draft.ts';
import type { ReadyPopulation, WizardDraft } from './wizard-draft.ts';

interface Props {
  reportId: string;
  population: ReadyPopulation;
  draft: WizardDraft;
  change(part: Partial<WizardDraft>): void;
  plan: SamplePlan;
  plans: readonly RecordedPlan[];
  versions: readonly Version[];
  lobs: readonly LobState[];
  recommendations: readonly Recommendation[];
  whyNot: string | null;
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <Box component="dt" sx={{ color: 'text.secondary' }}>
        {name}
      </Box>
      <Box component="dd" sx={{ m: 0, minWidth: 0, overflowWrap: 'anywhere' }}>
        {children}
      </Box>
    </>
  );
}

function strataWords({ lob, lobColumn }: WizardDraft): string {
  if (lobColumn === null) return 'one stratum';
  return lob === null ? `by ${lobColumn}` : `only ${lobColumn} ${lob}`;
}

/** What a re-performer needs, all of it. */
function Facts({
  population,
  draft,
  plan,
  seed,
}: {
  population: ReadyPopulation;
  draft: WizardDraft;
  plan: SamplePlan;
  seed: string | null;
}) {
  return (
    <Paper sx={{ borderRadius: 2, px: 2, py: 1.5 }}>
      <Box
        component="dl"
        sx={{ m: 0, display: 'grid', gridTemplateColumns: 'max-content minmax(0, 1fr)', columnGap: 3, rowGap: 0.5 }}
      >
        <Fact name="File">
          {population.fileName}, SHA-256 <Hash value={population.populationHash} label="SHA-256 of the file" whole />
        </Fact>
        <Fact name="Sample">
          {count(plan.sampleSize)} of {count(plan.populationSize ?? population.state.rowCount)}
          {draft.lob !== null && ` of ${draft.lob}`}, acceptable deviations {count(plan.acceptableDeviations)}
        </Fact>
        <Fact name="Method">
          {plan.method}, risk {percent(plan.risk)}, tolerable {percent(plan.tolerable)}, expected{' '}
          {percent(plan.expected)}
        </Fact>
        <Fact name="Key, strata">
          {draft.keyColumn}, {strataWords(draft)}
        </Fact>
        <Fact name="Draw">
          {DRAW_GENERATOR}, {DRAW_ALGORITHM}
        </Fact>
        <Fact name="Seed">{seed === null ? 'not recorded yet' : <Mono>{seed}</Mono>}</Fact>
      </Box>
    </Paper>
  );
}

function SeedChoice({ draft, change }: Pick<Props, 'draft' | 'change'>) {
  const [given, setGiven] = useState(draft.seed !== '');
  const problem = draft.seed === '' ? null : (seedTextSchema.safeParse(draft.seed).error?.issues[0]?.message ?? null);
  return (
    <Box>
      <RadioGroup
        row
        aria-label="Where the seed comes from"
        value={given ? 'given' : 'made'}
        onChange={(_event, choice) => {
          setGiven(choice === 'given');
          if (choice === 'made') change({ seed: '' });
        }}
      >
        <FormControlLabel value="made" control={<Radio />} label="The system makes the seed" />
        <FormControlLabel value="given" control={<Radio />} label="I give the seed" />
      </RadioGroup>
      {given && (
        <TextField
          label="Seed"
          value={draft.seed}
          onChange={(event) => change({ seed: event.target.value.trim() })}
          error={problem !== null}
          helperText={problem ?? 'an integer, for example the date 20261120'}
          sx={{ mt: 1, width: 320 }}
          slotProps={{ htmlInput: { inputMode: 'numeric' } }}
        />
      )}
    </Box>
  );
}

function useRecord({ reportId, population, draft, change }: Props) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [recorded, setRecorded] = useState<{ planId: string; seed: string } | null>(null);
  const record = async () => {
    const result = await bridge().invoke('sample:plan', {
      reportId,
      populationHash: population.populationHash,
      keyColumn: draft.keyColumn ?? '',
      lobColumn: draft.lobColumn,
      lob: draft.lob,
      risk: fractionOf(draft.risk),
      tolerable: fractionOf(draft.tolerable),
      expected: fractionOf(draft.expected),
      sampleSize: draft.sampleSize === '' ? null : Number(draft.sampleSize),
      seed: draft.seed === '' ? null : draft.seed,
    });
    if (!result.ok) {
      setFailure(result.error);
      return;
    }
    setFailure(null);
    setRecorded({ planId: result.value.planId, seed: result.value.seed });
    change({ planId: result.value.planId, seed: result.value.seed });
  };
  return { record, failure, recorded };
}

/** Records the plan with its seed. */
function Recording(props: Props & { record(): void; failure: Failure | null }) {
  const { draft, change, whyNot, record, failure } = props;
  const seedProblem =
    draft.seed === '' ? null : (seedTextSchema.safeParse(draft.seed).error?.issues[0]?.message ?? null);
  return (
    <Stack spacing={2}>
      <SeedChoice draft={draft} change={change} />
      {failure && <FailurePanel failure={failure} />}
      <Box>
        <ActionButton
          label="Record the plan"
          keys="Mod+Enter"
          whileTyping
          group="Import"
          showKey
          variant="contained"
          color="primary"
          whyNot={whyNot ?? seedProblem}
          run={record}
        />
        <Typography variant="caption" component="p" color="textSecondary" sx={{ mt: 1 }}>
          The plan and its seed are recorded first. No row is shown before that.
        </Typography>
      </Box>
    </Stack>
  );
}

export function DrawStep(props: Props) {
  const { reportId, population, draft, change, plan, plans, versions, lobs, recommendations, whyNot } = props;
  const { record, failure, recorded } = useRecord(props);
  const { planId } = draft;
  const known = plans.find((one) => one.planId === planId);
  const version = versions.find((one) => one.versionId === known?.versionId);
  const seed = recorded?.seed ?? known?.request.seed ?? (planId ? draft.seed : null);
  return (
    <Stack spacing={2}>
      <Facts population={population} draft={draft} plan={plan} seed={seed} />
      {!planId && <Recording {...props} record={() => void record()} failure={failure} />}
      {planId && !version && (
        <Drawing
          {...{ reportId, change, plan, plans, recommendations, seed, whyNot }}
          key={planId}
          draft={{ ...draft, planId }}
        />
      )}
      {version && <Drawn {...{ reportId, draft, change, version, versions, lobs }} />}
    </Stack>
  );
}
