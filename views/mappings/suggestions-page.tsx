// What rules use that a target has no name for, the most used first, with what its schema offers for each.
// Ticking takes a suggestion into the draft; nothing is taken by itself.

import type { Candidate, Confidence } from '#domain/mappings/suggest.ts'
import type { MappingSurvey } from '#domain/rules/mappings/survey-store.ts'
import type { FieldFound, SourceFound } from '#domain/rules/mappings/survey-task.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, Num, Time } from '#views/parts/text.tsx'
import { TargetHead, type TargetHeadProps } from '#views/targets/target-head.tsx'
import { LogSourceName } from './words.tsx'

export interface SuggestionsProps extends TargetHeadProps {
  readonly mapping: string
  readonly survey: MappingSurvey | undefined
  /** Revision of the draft. */
  readonly over: number
  readonly mayEdit: boolean
}

const SHOWN = 100

export const SuggestionsPage = (props: SuggestionsProps) => {
  const { survey, mapping, mayEdit, target } = props
  const path = `${mapping}/suggestions`
  return (
    <div id="suggestions" {...hxLive(path, [`mapping-${target.id}`])}>
      <TargetHead {...props} />
      <div class="stack">
        <div class="row">
          {mayEdit && (
            <form method="post" action={`${mapping}/survey`} class="inline">
              <Button kind={survey ? 'plain' : 'primary'}>
                {survey ? 'Look again' : 'Compare rules and schema'}
              </Button>
            </form>
          )}
          <LinkButton href={mapping}>Back to the mapping</LinkButton>
          {survey && (
            <span class="muted">
              {count(survey.ruleCount, 'rule')} looked at, <Time at={survey.madeAt} />
            </span>
          )}
        </div>
        {survey === undefined ? (
          <section class="panel" aria-label="Suggestions">
            <Empty icon="search" title="Not looked yet">
              The log sources and fields of all rules are compared with what the target said it
              holds. What it has no name for is listed here, with candidates.
            </Empty>
          </section>
        ) : (
          <Found {...props} survey={survey} />
        )}
      </div>
    </div>
  )
}

const Found = (props: SuggestionsProps & { survey: MappingSurvey }) => {
  const { survey, mapping, mayEdit, over } = props
  const { sources, fields, sourceCount, fieldCount } = survey.found
  return (
    <form method="post" action={`${mapping}/suggestions`} class="stack">
      <input type="hidden" name="over" value={String(over)} />
      {!survey.found.hasSchema && (
        <Notice tone="unknown" title="The target has not told what it holds.">
          A check that finds it well asks for that. Until then fields are not compared, and nothing
          can be suggested.
        </Notice>
      )}
      <Panel
        title="Log sources without a place"
        id="unmapped"
        sub={`${sources.length} of ${sourceCount}`}
      >
        {sources.length === 0 ? (
          <Empty icon="check" title="Every log source has a place">
            Of those that rules name.
          </Empty>
        ) : (
          <Table label="Log sources by rules" columns={SOURCE_COLUMNS} isStacked>
            {sources.slice(0, SHOWN).map((one) => (
              <SourceLine one={one} mayEdit={mayEdit} />
            ))}
          </Table>
        )}
        <More of={sources.length} />
      </Panel>
      <Panel
        title="Fields the target does not have"
        id="missing-fields"
        sub={`${fields.length} of ${fieldCount}`}
      >
        {fields.length === 0 ? (
          <Empty icon="check" title="None is known to be missing">
            Fields are compared with the columns that the target told of.
          </Empty>
        ) : (
          <Table label="Fields by rules" columns={FIELD_COLUMNS} isStacked>
            {fields.slice(0, SHOWN).map((one) => (
              <FieldLine one={one} mayEdit={mayEdit} />
            ))}
          </Table>
        )}
        <More of={fields.length} />
      </Panel>
      {mayEdit && (sources.length > 0 || fields.length > 0) && (
        <div class="row">
          <Button kind="primary">Take what is ticked into the draft</Button>
        </div>
      )}
    </form>
  )
}

const More = ({ of }: { of: number }) =>
  of > SHOWN ? (
    <PanelBody>
      <p class="hint">The {SHOWN} that most rules use are shown.</p>
    </PanelBody>
  ) : null

const SOURCE_COLUMNS = [
  { label: 'Log source' },
  { label: 'Rules', isNumber: true },
  { label: 'Why' },
  { label: 'What the target has' },
]

const SourceLine = ({ one, mayEdit }: { one: SourceFound; mayEdit: boolean }) => (
  <tr>
    <th scope="row" class="wrap break">
      <LogSourceName of={one.logsource} />
    </th>
    <td class="num">
      <CellLabel>Rules</CellLabel>
      <Num value={one.rules} />
    </td>
    <td class="wrap break cell-wide">{one.why}</td>
    <td class="wrap break cell-wide">
      <Candidates
        candidates={one.candidates}
        mayEdit={mayEdit}
        valueOf={(place) =>
          JSON.stringify({
            kind: 'source',
            logsource: one.logsource,
            place,
            isReplacing: one.state !== 'absent',
          })
        }
      />
    </td>
  </tr>
)

const FIELD_COLUMNS = [
  { label: 'Field of rules' },
  { label: 'Log source' },
  { label: 'Rules', isNumber: true },
  { label: 'Called so far' },
  { label: 'What the target has' },
]

const FieldLine = ({ one, mayEdit }: { one: FieldFound; mayEdit: boolean }) => (
  <tr>
    <th scope="row" class="wrap mono break">
      <Foreign text={one.field} />
    </th>
    <td class="wrap break cell-wide">
      <CellLabel>Log source</CellLabel>
      <LogSourceName of={one.logsource} />
    </td>
    <td class="num">
      <CellLabel>Rules</CellLabel>
      <Num value={one.rules} />
    </td>
    <td class="wrap mono break cell-wide">
      <CellLabel>Called so far</CellLabel>
      {one.called.length === 0 ? <span class="muted">refused</span> : one.called.join(', ')}
    </td>
    <td class="wrap break cell-wide">
      <Candidates
        candidates={one.candidates}
        mayEdit={mayEdit}
        valueOf={(name) =>
          JSON.stringify({
            kind: 'field',
            logsource: one.logsource,
            field: one.field,
            to: [name],
          })
        }
      />
    </td>
  </tr>
)

const TONES: Readonly<Record<Confidence, Tone>> = { high: 'ok', medium: 'accent', low: 'unknown' }

const Candidates = (props: {
  candidates: readonly Candidate[]
  mayEdit: boolean
  valueOf: (name: string) => string
}) =>
  props.candidates.length === 0 ? (
    <span class="muted">nothing like it</span>
  ) : (
    <div class="stack-s picks">
      {props.candidates.map(({ name, confidence, reason }) => (
        <label class="check">
          {props.mayEdit && <input type="checkbox" name="pick" value={props.valueOf(name)} />}
          <span class="break">
            <Foreign class="mono" text={name} />{' '}
            <Badge tone={TONES[confidence]}>{confidence}</Badge>{' '}
            <span class="muted small">{reason}</span>
          </span>
        </label>
      ))}
    </div>
  )
