// Who is in a workspace, who was invited, and the form that invites one more.

import type { Member, MemberPage } from '#domain/access/members.ts'
import type { AccessLink } from '#domain/access/link.ts'
import type { Role } from '#domain/access/permission.ts'
import { Avatar, Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, FilterSelect, SearchBox, type FieldProblems } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Panel, PanelBody, type Tab } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { RoleFields, ROLE_WORDS, type RoleValues } from './role-fields.tsx'
import { SettingsHead } from './settings-tabs.tsx'

export interface MembersShown {
  readonly tabs: readonly Tab[]
  /** `/w/acme/settings/members`. */
  readonly path: string
  readonly filter: { readonly q: string; readonly role: Role | null }
  readonly isFirst: boolean
  readonly members: MemberPage
  readonly invitations: readonly AccessLink[]
  /** What was typed into the invitation that was not accepted. */
  readonly typed: RoleValues & { readonly email: string }
  readonly problems: FieldProblems
}

export const MembersPage = ({ shown }: { shown: MembersShown }) => (
  <>
    <SettingsHead tabs={shown.tabs} />
    <div class="split">
      <div class="stack">
        <Filters shown={shown} />
        <Members shown={shown} />
        <Invitations shown={shown} />
      </div>
      <InviteForm shown={shown} />
    </div>
  </>
)

const ANY_ROLE = ['', 'Any role'] as const

const Filters = ({ shown: { path, filter } }: { shown: MembersShown }) => (
  <form class="filters" action={path} method="get" role="search" aria-label="Filter members">
    <SearchBox label="Name or e-mail" name="q" maxlength={200} value={filter.q} />
    <FilterSelect
      name="role"
      label="Role"
      value={filter.role}
      options={[
        ANY_ROLE,
        ...(Object.keys(ROLE_WORDS) as Role[]).map((role) => [role, ROLE_WORDS[role][0]] as const),
      ]}
    />
    <Button size="s" icon="list-filter">
      Filter
    </Button>
  </form>
)

const COLUMNS = [{ label: 'Person' }, { label: 'Role' }, { label: 'Beside it' }, { label: 'Since' }]

const Members = ({ shown }: { shown: MembersShown }) => {
  const { members, path, filter } = shown
  return (
    <section class="panel" aria-label="Members">
      {members.items.length === 0 ? (
        <Empty
          icon="search"
          title="Nobody here fits the filter"
          actions={<LinkButton href={path}>Show everybody</LinkButton>}
        >
          The filter looks at names, e-mail addresses and roles.
        </Empty>
      ) : (
        <Table label="Members by name" columns={COLUMNS} isStacked>
          {members.items.map((member) => (
            <MemberRow member={member} path={path} />
          ))}
        </Table>
      )}
      <Pager
        shown={count(members.count, 'member')}
        first={shown.isFirst ? null : membersUrl(path, filter)}
        next={members.next === null ? null : membersUrl(path, filter, members.next)}
        words={['First page', 'More']}
      />
    </section>
  )
}

const MemberRow = ({ member, path }: { member: Member; path: string }) => (
  <tr>
    <th scope="row" class="wrap">
      <a class="who" href={`${path}/${member.userId}`}>
        <Avatar name={member.name} />
        <span class="who-words">
          <Foreign text={member.name} class="break" />
          <Foreign text={member.email ?? 'erased'} class="muted small break" />
        </span>
      </a>
    </th>
    <td class="nowrap">{ROLE_WORDS[member.role][0]}</td>
    <td>
      <Flags member={member} />
    </td>
    <td class="nowrap">
      <Time at={member.createdAt} />
    </td>
  </tr>
)

export const Flags = ({ member }: { member: Member }) => (
  <span class="row-s">
    {member.approver === 'yes' && <Badge>Approver</Badge>}
    {member.approver === 'asked' && (
      <Badge tone="warn" icon="clock">
        Approver, to be confirmed
      </Badge>
    )}
    {member.isAuditor && <Badge>Auditor</Badge>}
    {member.state === 'suspended' && <Badge tone="bad">Suspended</Badge>}
  </span>
)

const INVITED = [
  { label: 'E-mail' },
  { label: 'As' },
  { label: 'Ends' },
  { label: 'Acts', isLabelHidden: true },
]

const Invitations = ({ shown }: { shown: MembersShown }) => (
  <Panel
    title="Invited, not yet here"
    id="invitations"
    sub={shown.invitations.length === 0 ? 'nobody' : count(shown.invitations.length, 'invitation')}
  >
    {shown.invitations.length === 0 ? (
      <PanelBody>
        <p class="muted">Whoever you invite stands here until they accept.</p>
      </PanelBody>
    ) : (
      <Table label="Open invitations, newest first" columns={INVITED} isStacked>
        {shown.invitations.map((link) => (
          <InvitationRow link={link} path={`${shown.path}/invitations/${link.id}`} />
        ))}
      </Table>
    )}
  </Panel>
)

const InvitationRow = ({ link, path }: { link: AccessLink; path: string }) => (
  <tr>
    <th scope="row" class="wrap">
      <Foreign text={link.email ?? ''} class="break" />
    </th>
    <td>
      {link.role === null ? '' : ROLE_WORDS[link.role][0]}
      {link.isApprover && ', approver'}
      {link.isAuditor && ', auditor'}
    </td>
    <td class="nowrap">
      <Time at={link.expiresAt} />
    </td>
    <td>
      <span class="row-s row-1">
        <form method="post" action={`${path}/link`}>
          <Button size="s">
            New link<span class="vh"> for {link.email}</span>
          </Button>
        </form>
        <form method="post" action={`${path}/end`}>
          <Button size="s" kind="danger">
            End<span class="vh"> the invitation of {link.email}</span>
          </Button>
        </form>
      </span>
    </td>
  </tr>
)

const InviteForm = ({ shown }: { shown: MembersShown }) => (
  <Panel title="Invite somebody" id="invite">
    <PanelBody>
      <form method="post" action={shown.path} class="stack">
        <Field name="email" label="E-mail" problems={shown.problems}>
          {(attributes) => (
            <input
              {...attributes}
              type="email"
              maxlength={254}
              required
              autocomplete="off"
              value={shown.typed.email}
            />
          )}
        </Field>
        <RoleFields values={shown.typed} problems={shown.problems} />
        <div class="row">
          <Button kind="primary">Invite</Button>
        </div>
        <p class="muted small">
          You get a link to hand over. It is good for seven days and for one person.
        </p>
      </form>
    </PanelBody>
  </Panel>
)

/** The filter as an address. */
export function membersUrl(path: string, filter: MembersShown['filter'], cursor?: string): string {
  const query = new URLSearchParams()
  if (filter.q !== '') query.set('q', filter.q)
  if (filter.role !== null) query.set('role', filter.role)
  if (cursor !== undefined) query.set('cursor', cursor)
  return query.size === 0 ? path : `${path}?${query.toString()}`
}
