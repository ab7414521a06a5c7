// What the tests of each rule said: at the version that stands there, and at the one that would.

import type { TestRun } from '#domain/rules/testing/test-run.ts'
import { Badge } from '#views/parts/badge.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Panel } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import type { ChangePageProps } from './change-page.tsx'

const COLUMNS = [{ label: 'Rule' }, { label: 'What stands there' }, { label: 'This change' }]

export const Tests = ({ tests, home, whole }: ChangePageProps) =>
  tests.length === 0 ? null : (
    <Panel
      title="Tests"
      id="tests"
      sub={whole.change.policy.testGate ? 'the workspace asks that they pass' : undefined}
    >
      <Table label="Tests before and after" columns={COLUMNS} isFlat isStacked>
        {tests.map((one) => (
          <tr>
            <th scope="row" class="wrap">
              <a href={`${home}/rules/${one.ruleId}/tests`} class="break">
                <Foreign text={clip(one.ruleTitle, 120)} />
              </a>
            </th>
            <td class="wrap">
              <CellLabel>Before</CellLabel>
              {one.from === null ? (
                <span class="muted">nothing</span>
              ) : (
                <Run run={one.before} version={one.from} />
              )}
            </td>
            <td class="wrap">
              <CellLabel>After</CellLabel>
              <Run run={one.after} version={one.to} />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  )

const Run = ({ run, version }: { run: TestRun | null; version: number }) => (
  <span class="row-s">
    <span class="mono faint">v{version}</span>
    {run === null ? (
      <Badge tone="unknown">not run</Badge>
    ) : (
      <>
        <Verdict run={run} />
        <Time at={run.at} class="muted small" />
      </>
    )}
  </span>
)

const Verdict = ({ run: { verdict, passed, failed, untold } }: { run: TestRun }) => {
  const all = passed + failed + untold
  if (all === 0) return <span class="muted">no case</span>
  if (verdict === 'passed') return <Badge tone="ok">{count(passed, 'case')} passed</Badge>
  if (verdict === 'failed') return <Badge tone="bad">{`${failed} of ${all} failed`}</Badge>
  return <Badge tone="unknown">{`${untold} of ${all} only a target can tell`}</Badge>
}
