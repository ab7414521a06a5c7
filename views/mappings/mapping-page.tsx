// What a target calls things: where log sources are and what fields are called, with the draft of the
// next version, and the whole as a file.

import type { FieldRow, LogSourceKeys, SourceRow } from '#domain/mappings/input.ts'
import type { Mapping, MappingDraft } from '#domain/mappings/mapping.ts'
import type { MappingTable } from '#domain/mappings/table.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Check, Field, SearchBox, TextArea } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { TargetHead, type TargetHeadProps } from '#views/targets/target-head.tsx'
import { keysQuery, LogSourceName, PLACE_WORDS } from './words.tsx'

export interface MappingShown {
  /** `/w/acme/targets/tgt_…/mapping`. */
  readonly path: string
  readonly q: string
  readonly mapping: Mapping | undefined
  readonly draft: MappingDraft | undefined
  readonly names: ReadonlyMap<Actor, string>
  readonly pipelines: readonly string[]
  /** The usual one first; empty where rules run as they are. */
  readonly fitting: readonly string[]
  readonly priority: number
  readonly sources: readonly SourceRow[]
  readonly fields: readonly FieldRow[]
  readonly others: MappingTable['others']
  /** Rules whose renderings are of something older, at any target. */
  readonly pending: { readonly path: string; readonly count: number }
  readonly mayWrite: boolean
  /** A file that was refused, and why. */
  readonly brought: { readonly text?: string; readonly problems?: readonly string[] }
}

type Props = TargetHeadProps & { shown: MappingShown }

const ROWS_SHOWN = 500

export const MappingPage = (props: Props) => {
  const { shown, target } = props
  return (
    <>
      <TargetHead {...props} />
      {shown.fitting.length === 0 ? (
        <section class="panel" aria-label="Mapping">
          <Empty icon="arrow-right" title="Nothing to map">
            Rules run on {target.name} as they are written.
          </Empty>
        </section>
      ) : (
        <div class="stack">
          <InForce {...shown} />
          {shown.pending.count > 0 && <Pending {...shown} />}
          {shown.draft && <Draft {...shown} draft={shown.draft} />}
          <form method="get" action={shown.path} role="search" class="filters">
            <SearchBox label="Find in this mapping" name="q" value={shown.q} data-keys="/" />
            <Button size="s">Find</Button>
          </form>
          <Sources {...props} />
          <Fields {...shown} />
          {shown.others.length > 0 && <Others {...shown} />}
          <Pipelines {...shown} />
          <Files {...shown} />
        </div>
      )}
    </>
  )
}

const overOf = ({ draft }: Pick<MappingShown, 'draft'>) => String(draft?.revision ?? 0)

const InForce = ({ mapping, names, path }: MappingShown) => (
  <p class="row">
    {mapping === undefined ? (
      <span class="muted">
        Nothing is mapped: rules become what they become at any target of the kind.
      </span>
    ) : (
      <>
        <Badge tone="ok">Version {mapping.number} in force</Badge>
        <span class="break">
          <Foreign text={mapping.reason} />, {describeActor(mapping.createdBy, names)},{' '}
          <Time at={mapping.createdAt} />
        </span>
      </>
    )}
    <LinkButton size="s" href={`${path}/suggestions`} data-keys="s">
      Suggestions
    </LinkButton>
    {mapping !== undefined && (
      <LinkButton size="s" href={`${path}/versions`} icon="history">
        Versions
      </LinkButton>
    )}
  </p>
)

const Pending = ({ pending, path, mayWrite }: MappingShown) => (
  <Notice
    tone="warn"
    title={`${count(pending.count, 'rule')} pending.`}
    actions={
      <div class="row">
        <LinkButton size="s" href={pending.path}>
          Show them
        </LinkButton>
        {mayWrite && (
          <form method="post" action={`${path}/recompile`} class="inline">
            <Button size="s">Compile them again</Button>
          </form>
        )}
      </div>
    }
  >
    They become something else here or at another target, and keep the query they had until they are
    compiled again.
  </Notice>
)

const Draft = ({ draft, names, path, mayWrite }: MappingShown & { draft: MappingDraft }) => (
  <Panel title="Draft" id="draft" sub={<Time at={draft.changedAt} />}>
    <PanelBody>
      <p>
        What stands below is a draft, last edited by {describeActor(draft.changedBy, names)}. Rules
        become nothing else by it until it is saved.
      </p>
      {mayWrite && (
        <form method="post" action={`${path}/save`} class="stack">
          <input type="hidden" name="over" value={String(draft.revision)} />
          <Field name="reason" label="Why" hint="People read it in the history.">
            {(attributes) => <input {...attributes} required maxlength={300} />}
          </Field>
          <div class="row">
            <Button kind="primary">Put in force</Button>
            <LinkButton href={`${path}/preview`} data-keys="p">
              Which rules would change
            </LinkButton>
          </div>
        </form>
      )}
    </PanelBody>
    {mayWrite && (
      <PanelBody>
        <div class="row">
          <Confirm
            id="discard-draft"
            opener="Discard draft"
            question="Discard the draft?"
            consequence="What was edited since the version in force is lost."
            keep="Keep it"
            verb="Discard draft"
            path={`${path}/discard`}
          />
        </div>
      </PanelBody>
    )}
  </Panel>
)

const Sources = (props: Props) => {
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

const Fields = (shown: MappingShown) => {
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

const Others = (shown: MappingShown) => (
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

const Pipelines = (shown: MappingShown) => {
  const { fitting, pipelines, priority, path, mayWrite } = shown
  const chosen = pipelines.length === 0 ? fitting.slice(0, 1) : pipelines
  return (
    <Panel title="Pipelines of the product" id="pipelines">
      <PanelBody>
        <form method="post" action={`${path}/pipelines`} class="stack">
          <input type="hidden" name="over" value={overOf(shown)} />
          <fieldset class="stack-s plain" disabled={!mayWrite}>
            <legend class="hint">
              What stands between rules and this target, beside the tables above.
            </legend>
            {fitting.map((name, at) => (
              <Check
                name="pipelines"
                value={name}
                checked={chosen.includes(name)}
                label={at === 0 ? `${name} (usual)` : name}
              />
            ))}
            <Field
              name="priority"
              label="Priority of the tables"
              hint="Lower ones are applied first; those of the product come at 10. Below that the tables stand over them, above that they see the names that those gave."
            >
              {(attributes) => (
                <input
                  {...attributes}
                  type="number"
                  min={-1000}
                  max={1000}
                  required
                  value={priority}
                />
              )}
            </Field>
            {mayWrite && (
              <div class="row">
                <Button>Take into the draft</Button>
              </div>
            )}
          </fieldset>
        </form>
      </PanelBody>
    </Panel>
  )
}

const Files = (shown: MappingShown) => {
  const { path, brought, mapping, draft, mayWrite } = shown
  return (
    <Panel title="As a file" id="file">
      <PanelBody>
        <div class="row">
          {mapping !== undefined && (
            <LinkButton size="s" icon="download" href={`${path}/file`}>
              Version {mapping.number}
            </LinkButton>
          )}
          {draft !== undefined && (
            <LinkButton size="s" icon="download" href={`${path}/file?of=draft`}>
              The draft
            </LinkButton>
          )}
          <span class="hint">A pipeline in the community’s YAML, as pySigma reads it.</span>
        </div>
      </PanelBody>
      {mayWrite && (
        <PanelBody>
          {brought.problems && (
            <Notice tone="bad" title="The pipeline is refused, and the draft is as it was.">
              <ul>
                {brought.problems.slice(0, 20).map((text) => (
                  <li class="break">{text}</li>
                ))}
              </ul>
            </Notice>
          )}
          <form method="post" action={`${path}/file`} enctype="multipart/form-data" class="stack">
            <input type="hidden" name="over" value={overOf(shown)} />
            <Field name="files" label="A pipeline file">
              {(attributes) => <input {...attributes} type="file" accept=".yml,.yaml" />}
            </Field>
            <Field
              name="text"
              label="Or its text"
              hint="It takes the place of the tables in the draft. A part that is not understood is refused by name."
            >
              {(attributes) => (
                <TextArea
                  {...attributes}
                  class="input mono"
                  rows={6}
                  value={brought.text ?? ''}
                  spellcheck={false}
                />
              )}
            </Field>
            <div class="row">
              <Button>Take into the draft</Button>
            </div>
          </form>
        </PanelBody>
      )}
    </Panel>
  )
}
