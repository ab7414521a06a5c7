// Every workspace of the instance, for an owner, who manages them and reads one only as its member.

import type { Membership } from '#domain/access/person.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

export interface WorkspacesShown {
  readonly path: string
  readonly workspaces: readonly Workspace[]
  /** The owner's own memberships. */
  readonly own: readonly Membership[]
  readonly typed: { readonly slug: string; readonly name: string }
  readonly problems: FieldProblems
  /** Why the last act was not done. */
  readonly refusal: string | null
}

const COLUMNS = [
  { label: 'Workspace' },
  { label: 'State' },
  { label: 'Since' },
  { label: 'Acts', isLabelHidden: true },
]

export const WorkspacesPage = ({ shown }: { shown: WorkspacesShown }) => (
  <>
    <Head
      title="Workspaces"
      meta={[
        count(shown.workspaces.length, 'workspace'),
        'Nothing crosses from one to another; you read one only as its member',
      ]}
    />
    <div class="split">
      <div class="stack">
        {shown.refusal !== null && (
          <div role="alert">
            <Notice tone="warn" title="Not done.">
              {shown.refusal}
            </Notice>
          </div>
        )}
        <section class="panel" aria-label="Workspaces">
          <Table label="Workspaces by name" columns={COLUMNS} isStacked>
            {shown.workspaces.map((one) => (
              <WorkspaceRow
                workspace={one}
                path={`${shown.path}/${one.id}`}
                isOwn={shown.own.some(({ workspaceId }) => workspaceId === one.id)}
              />
            ))}
          </Table>
        </section>
      </div>
      <AddForm shown={shown} />
    </div>
  </>
)

const WorkspaceRow = (props: { workspace: Workspace; path: string; isOwn: boolean }) => {
  const { slug, name, createdAt, suspendedAt } = props.workspace
  return (
    <tr>
      <th scope="row" class="wrap">
        <span class="who-words">
          {props.isOwn ? (
            <a href={`/w/${slug}`}>
              <Foreign text={name} class="break" />
            </a>
          ) : (
            <Foreign text={name} class="break" />
          )}
          <span class="muted small mono">/w/{slug}</span>
        </span>
      </th>
      <td>{suspendedAt === null ? <Badge>Open</Badge> : <Badge tone="bad">Suspended</Badge>}</td>
      <td class="nowrap">
        <Time at={createdAt} />
      </td>
      <td>
        <span class="row-s">
          {suspendedAt === null ? <OpenActs {...props} /> : <Reopen {...props} />}
        </span>
      </td>
    </tr>
  )
}

const OpenActs = ({
  workspace: { id, name },
  path,
  isOwn,
}: {
  workspace: Workspace
  path: string
  isOwn: boolean
}) => (
  <>
    {!isOwn && (
      <Confirm
        id={`enter-${id}`}
        opener="Enter"
        question={`Enter ${name} as an admin?`}
        consequence="You become an admin of it. Its admins are told, and it stands in its audit log."
        keep="Stay out"
        verb="Enter"
        path={`${path}/entry`}
      />
    )}
    <Confirm
      id={`suspend-${id}`}
      opener="Suspend"
      question={`Suspend ${name}?`}
      consequence="None of its members comes in, with no session and no token, and none of its jobs begins, until you open it again. Nothing is lost, and rules that are deployed go on running in their SIEM."
      keep="Keep it open"
      verb="Suspend"
      path={`${path}/suspension`}
      fields={{ isSuspended: 'yes' }}
    />
  </>
)

const Reopen = ({ workspace, path }: { workspace: Workspace; path: string }) => (
  <form method="post" action={`${path}/suspension`}>
    <input type="hidden" name="isSuspended" value="no" />
    <Button>
      Open again<span class="vh">: {workspace.name}</span>
    </Button>
  </form>
)

const AddForm = ({ shown }: { shown: WorkspacesShown }) => (
  <Panel title="Add a workspace" id="add">
    <PanelBody>
      <form method="post" action={shown.path} class="stack">
        <Field name="name" label="Name" problems={shown.problems}>
          {(attributes) => (
            <input
              {...attributes}
              value={shown.typed.name}
              maxlength={80}
              required
              autocomplete="off"
              dir="auto"
            />
          )}
        </Field>
        <Field
          name="slug"
          label="Short name"
          hint="In addresses, /w/short-name: lower-case letters, digits, single hyphens. It never changes."
          problems={shown.problems}
        >
          {(attributes) => (
            <input
              {...attributes}
              value={shown.typed.slug}
              maxlength={39}
              required
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
            />
          )}
        </Field>
        <div class="row">
          <Button kind="primary">Add</Button>
        </div>
        <p class="muted small">It has no members yet. Enter it to invite its first admin.</p>
      </form>
    </PanelBody>
  </Panel>
)
