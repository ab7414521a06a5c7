// The upstreams of a workspace, and following another one.

import type { UpstreamRow } from '#domain/rules/upstreams/actions.ts'
import { Button } from '#views/parts/button.tsx'
import { Field } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { BundleFields } from './bundle-fields.tsx'

export interface UpstreamsPageProps {
  /** `/w/acme/upstreams`. */
  readonly path: string
  readonly upstreams: readonly UpstreamRow[]
  readonly mayWrite: boolean
  readonly refusal: string | null
  /** As it was typed. */
  readonly typed: Readonly<Record<string, string>>
}

export const UpstreamsPage = (props: UpstreamsPageProps) => (
  <>
    <Head title="Upstreams" />
    <div class="stack">
      {props.refusal !== null && (
        <Notice tone="bad" title="Nothing was kept.">
          {props.refusal}
        </Notice>
      )}
      <Panel title="Followed" id="followed">
        {props.upstreams.length === 0 ? (
          <Empty icon="list-filter" title="No upstream yet">
            An upstream is a repository or bundle of rules by somebody else. Bring it once, and each
            newer bundle shows what it would change here, merged with your own changes.
          </Empty>
        ) : (
          <ol class="rows">
            {props.upstreams.map((row) => (
              <Row row={row} path={props.path} />
            ))}
          </ol>
        )}
      </Panel>
      {props.mayWrite && <AddForm {...props} />}
    </div>
  </>
)

const Row = ({ row, path }: { row: UpstreamRow; path: string }) => {
  const { upstream, update, ruleCount } = row
  return (
    <li>
      <span class="grow break">
        <a href={`${path}/${upstream.id}`} dir="auto">
          {upstream.name}
        </a>
        <br />
        <span class="muted small">
          {upstream.licence === null ? 'No licence given' : <Foreign text={upstream.licence} />}
        </span>
      </span>
      <span class="muted small">{count(ruleCount, 'rule')} here</span>
      {update !== null && (
        <span class="muted small">
          <Foreign text={update.label} />, <Time at={update.createdAt} />
        </span>
      )}
    </li>
  )
}

const AddForm = ({ path, typed }: UpstreamsPageProps) => (
  <form method="post" action={path} enctype="multipart/form-data">
    <Panel title="Follow another" id="add">
      <PanelBody>
        <Field name="name" label="Name" hint="As people call it: SigmaHQ.">
          {(attributes) => (
            <input {...attributes} required maxlength={100} value={typed.name ?? ''} />
          )}
        </Field>
        <Field name="address" label="Address" hint="Where it is published. Nothing is fetched.">
          {(attributes) => <input {...attributes} maxlength={500} value={typed.address ?? ''} />}
        </Field>
        <Field name="licence" label="Licence">
          {(attributes) => <input {...attributes} maxlength={200} value={typed.licence ?? ''} />}
        </Field>
        <Field name="author" label="Author">
          {(attributes) => <input {...attributes} maxlength={200} value={typed.author ?? ''} />}
        </Field>
        <BundleFields typed={typed} />
        <div class="row">
          <Button kind="primary">Show what it would bring</Button>
        </div>
      </PanelBody>
    </Panel>
  </form>
)
