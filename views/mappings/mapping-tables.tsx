// The tables of a mapping: log sources, fields, and the steps of a file that are neither.

import type { LogSourceKeys, SourceRow } from '#domain/mappings/input.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import type { TargetHeadProps } from '#views/targets/target-head.tsx'
import { overOf, type MappingShown } from './mapping-shown.ts'
import { keysQuery, LogSourceName, PLACE_WORDS } from './words.tsx'

const ROWS_SHOWN = 500

export const Sources = (props: TargetHeadProps & { shown: MappingShown }) => {
  const { shown, target } = props
  const { sources, path, mayWrite, q } = shown
  const place = PLACE_WORDS[target.kind]
  const columns = [
    { label: 'Log source' },
    { label: place },
    { label: 'Conditions' },
    { label: 'Acts', isLabelHidden: true },
  ]
  return (
    <Panel
      title="Log sources"
      id="log-sources"
      sub={count(sources.length, 'row')}
      action={
        mayWrite && (
          <LinkButton size="s" icon="plus" href={`${path}/source`} data-keys="n">
            Add log source
          </LinkButton>
        )
      }
    >
      {sources.length === 0 ? (
        <Empty icon="database" title={q === '' ? 'No row yet' : 'Nothing is found'}>
          A row says where events of a log source are: in which {place.toLowerCase()}, with which
          marks.
        </Empty>
      ) : (
        <Table label="Rows of log sources" columns={columns} isStacked>
          {sources.slice(0, ROWS_SHOWN).map((row) => (
            <SourceLine row={row} shown={shown} place={place} />
          ))}
        </Table>
      )}
      <More of={sources.length} />
    </Panel>
  )
}

const SourceLine = (props: { row: SourceRow; shown: MappingShown; place: string }) => {
  const { row, shown, place } = props
  return (
    <tr data-row>
      <th scope="row" class="wrap break">
        <LogSourceName of={row.logsource} />
        {row.isReplacing && (
          <>
            {' '}
            <Badge>In place of ours</Badge>
          </>
        )}
      </th>
      <td class="wrap mono break cell-wide">
        <CellLabel>{place}</CellLabel>
        {row.places.length === 0 ? <span class="muted">not named</span> : row.places.join(', ')}
      </td>
      <td class="wrap mono break cell-wide">
        <CellLabel>Conditions</CellLabel>
        {Object.entries(row.conditions)
          .map(([name, values]) => `${name} = ${values.join(' or ')}`)
          .join(', ')}
      </td>
      <td class="nowrap">
        {shown.mayWrite && (
          <Acts
            shown={shown}
            href={`${shown.path}/source?${keysQuery(row.logsource)}`}
            fields={{ kind: 'source', ...row.logsource }}
          />
        )}
      </td>
    </tr>
  )
}

const FIELD_COLUMNS = [
  { label: 'Field of rules' },
  { label: 'Called there' },
  { label: 'For' },
  { label: 'Acts', isLabelHidden: true },
]

export const Fields = (shown: MappingShown) => {
  const { fields, path, mayWrite, q } = shown
  return (
    <Panel
      title="Fields"
      id="fields"
      sub={count(fields.length, 'row')}
      action={
        mayWrite && (
          <LinkButton size="s" icon="plus" href={`${path}/field`} data-keys="f">
            Add field
          </LinkButton>
        )
      }
    >
      {fields.length === 0 ? (
        <Empty icon="arrow-right" title={q === '' ? 'No row yet' : 'Nothing is found'}>
          A row says what a field of rules is called on this target. A field without one is called
          as the pipelines below say.
        </Empty>
      ) : (
        <Table label="Rows of fields" columns={FIELD_COLUMNS} isStacked>
          {fields.slice(0, ROWS_SHOWN).map((row) => (
            <tr data-row>
              <th scope="row" class="wrap mono break">
                {row.field}
              </th>
              <td class="wrap mono break cell-wide">
                <CellLabel>Called there</CellLabel>
                {row.to.join(' or ')}
              </td>
              <td class="wrap break cell-wide">
                <CellLabel>For</CellLabel>
                <LogSourceName of={row.logsource} />
              </td>
              <td class="nowrap">
                {mayWrite && (
                  <Acts
                    shown={shown}
                    href={`${path}/field?${keysQuery(row.logsource, row.field)}`}
                    fields={{ kind: 'field', field: row.field, ...row.logsource }}
                  />
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More of={fields.length} />
    </Panel>
  )
}

const More = ({ of }: { of: number }) =>
  of > ROWS_SHOWN ? (
    <PanelBody>
      <p class="hint">The first {ROWS_SHOWN} are shown. Find the others above.</p>
    </PanelBody>
  ) : null

type RowFields = { readonly kind: string; readonly field?: string } & LogSourceKeys

const Acts = (props: { shown: MappingShown; href: string; fields: RowFields }) => (
  <div class="row">
    <LinkButton size="s" kind="quiet" href={props.href}>
      Change
    </LinkButton>
    <Removal shown={props.shown} fields={props.fields} />
  </div>
)

const Removal = (props: { shown: MappingShown; fields: object }) => (
  <form method="post" action={`${props.shown.path}/removal`} class="inline">
    <input type="hidden" name="over" value={overOf(props.shown)} />
    {Object.entries(props.fields).map(([name, value]) => (
      <input type="hidden" name={name} value={String(value)} />
    ))}
    <Button size="s" kind="quiet">
      Remove
    </Button>
  </form>
)

/** What a file brought that is no row of a table. */
export const Others = (shown: MappingShown) => (
  <Panel title="Other steps" id="other-steps" sub={count(shown.others.length, 'step')}>
    <PanelBody>
      <p class="hint">What a file brought that is no row of a table. It is applied as it stands.</p>
    </PanelBody>
    <Table label="Steps of a file" columns={OTHER_COLUMNS} isStacked>
      {shown.others.slice(0, ROWS_SHOWN).map(({ at, step }) => (
        <tr>
          <th scope="row" class="wrap mono break">
            {at + 1}. {step.type}
          </th>
          <td class="wrap mono break small cell-wide">
            {JSON.stringify(step).slice(0, STEP_CHARS)}
          </td>
          <td class="nowrap">
            {shown.mayWrite && <Removal shown={shown} fields={{ kind: 'step', at }} />}
          </td>
        </tr>
      ))}
    </Table>
  </Panel>
)

const OTHER_COLUMNS = [
  { label: 'Step' },
  { label: 'What it says' },
  { label: 'Acts', isLabelHidden: true },
]
const STEP_CHARS = 400
