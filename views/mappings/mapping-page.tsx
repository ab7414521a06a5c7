// What a target calls things: what is in force and the draft of the next version, the tables of both, the
// pipelines beside them, and the whole as a file.

import type { MappingDraft } from '#domain/mappings/mapping.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Check, CodeArea, Field, SearchBox } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { TargetHead, type TargetHeadProps } from '#views/targets/target-head.tsx'
import { overOf, type MappingShown } from './mapping-shown.ts'
import { Fields, Others, Sources } from './mapping-tables.tsx'

type Props = TargetHeadProps & { shown: MappingShown }

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
              {(attributes) => <CodeArea {...attributes} rows={6} value={brought.text ?? ''} />}
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
