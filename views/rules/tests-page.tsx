// The test cases of a rule: what each says of the newest text, why one failed, and what earlier runs
// said.

import type { CaseResult, TestRun, Verdict } from '#domain/rules/testing/test-run.ts'
import type { TraceLine, Trace } from '#domain/rules/testing/trace.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, TextArea } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { RuleHead, type RuleHeadProps } from './rule-head.tsx'

export interface TestsPageProps extends RuleHeadProps {
  /** Newest first. */
  readonly runs: readonly TestRun[]
  readonly mayTest: boolean
  readonly names: ReadonlyMap<Actor, string>
  /** How a line of a trace reads. */
  readonly textOf: TextOf
}

type TextOf = (line: TraceLine) => string

const VERDICTS = {
  passed: ['ok', 'Passed'],
  failed: ['bad', 'Failed'],
  untold: ['unknown', 'Needs the target'],
} as const satisfies Record<Verdict, unknown>

export const VerdictBadge = ({ of }: { of: Verdict }) => {
  const [tone, word] = VERDICTS[of]
  return <Badge tone={tone}>{word}</Badge>
}

export const TestsPage = (props: TestsPageProps) => {
  const { rule, runs, path, mayTest } = props
  const total = rule.positiveTests + rule.negativeTests
  const [latest] = runs
  const canRun = mayTest && total > 0 && rule.state !== 'retired'
  return (
    <>
      <RuleHead
        {...props}
        actions={
          <>
            {latest !== undefined && (
              <LinkButton kind="quiet" href={`${path}/tests/junit`} download>
                JUnit
              </LinkButton>
            )}
            {props.may.write && rule.state !== 'retired' && rule.format !== 'native' && (
              <LinkButton href={`${path}/tests/generated`}>Generate cases</LinkButton>
            )}
            {canRun && (
              <form method="post" action={`${path}/tests`} class="inline">
                <Button>Run tests</Button>
              </form>
            )}
          </>
        }
      />
      <div class="stack">
        <Missing {...props} />
        {latest === undefined ? (
          <section class="panel" aria-label="Test cases">
            <Empty icon="circle-check" title={total === 0 ? 'No test cases' : 'Not run yet'}>
              {total === 0
                ? 'Cases stand in the rule file, under rulewright: tests.'
                : `The rule has ${count(total, 'case')}. Run them to see what they say.`}
            </Empty>
          </section>
        ) : (
          <Results run={latest} newest={rule.version} textOf={props.textOf} />
        )}
        {props.may.write && rule.state !== 'retired' && <NewCaseForm path={path} />}
        {runs.length > 1 && <History runs={runs} names={props.names} />}
      </div>
    </>
  )
}

const NewCaseForm = ({ path }: { path: string }) => (
  <Panel title="Case from an event" id="new-case">
    <PanelBody>
      <form method="post" action={`${path}/tests/cases`} class="stack-s">
        <Field name="name" label="Name of the case">
          {(attributes) => <input type="text" required maxlength={500} {...attributes} />}
        </Field>
        <Field
          name="event"
          label="Event"
          hint="One JSON object. The rule is run over it, and the case expects what the rule does."
        >
          {(attributes) => <TextArea value="" rows={6} required {...attributes} />}
        </Field>
        <div>
          <Button>Add the case</Button>
        </div>
      </form>
    </PanelBody>
  </Panel>
)

const Missing = ({ rule }: TestsPageProps) => {
  const { positiveTests, negativeTests } = rule
  if (positiveTests > 0 && negativeTests > 0) return null
  const missing =
    positiveTests + negativeTests === 0
      ? 'It has no case at all.'
      : positiveTests === 0
        ? 'It has no case that fires.'
        : 'It has no case that stays silent.'
  return (
    <Notice tone="warn" title="This rule is not tested both ways.">
      {missing} One of each shows that it finds what it should and nothing else.
    </Notice>
  )
}

const Results = ({ run, newest, textOf }: { run: TestRun; newest: number; textOf: TextOf }) => (
  <Panel
    title="Test cases"
    id="results"
    sub={`version ${run.version}, ${run.durationMs} ms`}
    action={
      run.version === newest ? (
        <VerdictBadge of={run.verdict} />
      ) : (
        <Badge tone="warn">Of an older version</Badge>
      )
    }
  >
    <ul class="rows">
      {run.results.map((result) => (
        <Case result={result} textOf={textOf} />
      ))}
    </ul>
  </Panel>
)

const Case = ({ result, textOf }: { result: CaseResult; textOf: TextOf }) => {
  const { name, expect, on, verdict, message, traces } = result
  return (
    <li class="row">
      <VerdictBadge of={verdict} />
      <span class="grow break">
        <Foreign text={name} />
        {on !== null && <span class="muted"> ({on})</span>}
        {message !== null && <div class="muted small break">{message}</div>}
      </span>
      {expect !== null && (
        <span class="muted small">{expect === 'match' ? 'should fire' : 'should stay silent'}</span>
      )}
      {traces.map((trace) => (
        <TraceOf trace={trace} textOf={textOf} />
      ))}
    </li>
  )
}

const TraceOf = ({ trace, textOf }: { trace: Trace; textOf: TextOf }) => (
  <pre
    class="code code-plain grow"
    tabindex={0}
    role="region"
    aria-label={`How event ${trace.event + 1} was judged`}
  >
    <code>
      {[`event ${trace.event + 1}`, ...trace.lines.map(textOf)].map((line) => (
        <span class="ln" dir="ltr">
          <bdi>{line}</bdi>
          {'\n'}
        </span>
      ))}
    </code>
  </pre>
)

const History = ({ runs, names }: Pick<TestsPageProps, 'runs' | 'names'>) => (
  <Panel title="Earlier runs" id="runs">
    <ol class="rows">
      {runs.slice(1).map((run) => (
        <li class="row">
          <VerdictBadge of={run.verdict} />
          <span class="mono">v{run.version}</span>
          <span class="grow">{summary(run)}</span>
          <span class="muted small">
            <bdi>{describeActor(run.by, names)}</bdi> <Time at={run.at} />
          </span>
        </li>
      ))}
    </ol>
  </Panel>
)

function summary({ passed, failed, untold }: TestRun): string {
  const parts = [`${passed} passed`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (untold > 0) parts.push(`${untold} need the target`)
  return parts.join(', ')
}
