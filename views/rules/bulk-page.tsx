// One change to many rules: which rules, and what is done to them. Each change is a form of its own, so
// that Enter does what stands beside it.

import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, Select } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import type { Child } from 'hono/jsx'
import { TitleRows } from './titles.tsx'

export interface BulkPageProps {
  /** `/w/acme/rules/bulk`, and of the list as it was. */
  readonly path: string
  readonly back: string
  /** What is sent again with the change. */
  readonly chosen: Readonly<Record<string, string>>
  readonly count: number
  /** Names of the first of them. */
  readonly titles: readonly string[]
  /** Slugs that are there already. */
  readonly groups: readonly string[]
}

export const BulkPage = (props: BulkPageProps) =>
  props.count === 0 ? (
    <>
      <Head title="Change rules" />
      <Panel>
        <Empty
          icon="list-checks"
          title="No rule is ticked"
          actions={<LinkButton href={props.back}>Back to the list</LinkButton>}
        >
          Tick rules in the list, or all that match its filter.
        </Empty>
      </Panel>
    </>
  ) : (
    <>
      <Head
        title={`Change ${count(props.count, 'rule')}`}
        meta={['A version of each rule is made, and what the change does not name stays as it is']}
        actions={<LinkButton href={props.back}>Back to the list</LinkButton>}
      />
      <div class="halves halves-wide">
        <Panel title="What to change" id="what">
          <Tags {...props} />
          <Levels {...props} />
          <Owners {...props} />
          <Groups {...props} />
          <States {...props} />
        </Panel>
        <Which {...props} />
      </div>
    </>
  )

const Which = ({ titles, count: total }: BulkPageProps) => (
  <Panel title="Which rules" id="which" sub={count(total, 'rule')}>
    <TitleRows titles={titles} total={total} />
  </Panel>
)

const Act = ({ path, chosen, children }: BulkPageProps & { children?: Child }) => (
  <form method="post" action={path} class="act">
    {Object.entries(chosen).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <PanelBody>{children}</PanelBody>
  </form>
)

const Tags = (props: BulkPageProps) => (
  <Act {...props}>
    <div class="act-line">
      <Field name="tag" label="Tag" hint="Such as attack.t1059.001 or windows.">
        {(attributes) => <input {...attributes} type="text" maxlength={200} required />}
      </Field>
      <Button name="kind" value="addTag">
        Add tag
      </Button>
      <Button name="kind" value="removeTag">
        Remove tag
      </Button>
    </div>
  </Act>
)

const LEVELS = [
  ['informational', 'Informational'],
  ['low', 'Low'],
  ['medium', 'Medium'],
  ['high', 'High'],
  ['critical', 'Critical'],
] as const

const Levels = (props: BulkPageProps) => (
  <Act {...props}>
    <div class="act-line">
      <Field name="level" label="Level">
        {(attributes) => <Select {...attributes} value="medium" options={LEVELS} />}
      </Field>
      <Button name="kind" value="level">
        Set level
      </Button>
    </div>
  </Act>
)

const Owners = (props: BulkPageProps) => (
  <Act {...props}>
    <div class="act-line">
      <Field name="owner" label="Owner" hint="An e-mail address; empty takes the owner away.">
        {(attributes) => <input {...attributes} type="email" maxlength={254} />}
      </Field>
      <Button name="kind" value="owner">
        Set owner
      </Button>
    </div>
  </Act>
)

const Groups = (props: BulkPageProps) => (
  <Act {...props}>
    <div class="act-line">
      <Field name="group" label="Group" hint="Its short name; empty takes them out of any.">
        {(attributes) => (
          <input {...attributes} type="text" maxlength={64} list="groups" autocapitalize="off" />
        )}
      </Field>
      <datalist id="groups">
        {props.groups.map((slug) => (
          <option value={slug} />
        ))}
      </datalist>
      <Button name="kind" value="group">
        Set group
      </Button>
    </div>
  </Act>
)

const States = (props: BulkPageProps) => (
  <Act {...props}>
    <p class="hint">
      Retired rules keep their history and leave the lists; revived ones are drafts again.
    </p>
    <div class="row">
      <Button name="kind" value="retire" kind="danger">
        Retire
      </Button>
      <Button name="kind" value="revive">
        Revive
      </Button>
    </div>
  </Act>
)
