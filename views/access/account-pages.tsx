// A person's own pages: profile, sessions and devices, security events, appearance.

import type { Child } from 'hono/jsx'
import type { User } from '#domain/access/person.ts'
import type { SessionRow } from '#domain/access/session.ts'
import type { Instant } from '#kernel/time.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

export interface ProfileShown {
  readonly user: User
  readonly roles: readonly { readonly workspace: string; readonly role: string }[]
  readonly typed: { readonly name: string; readonly timeZone: string }
  readonly problems: FieldProblems
}

export const ProfilePage = ({ user, roles, typed, problems }: ProfileShown) => (
  <>
    <Head title="Profile" />
    <div class="split">
      <Panel title="How others see you" id="profile">
        <PanelBody>
          <form method="post" action="/account" class="stack">
            <Field name="name" label="Name" problems={problems}>
              {(attributes) => (
                <input
                  {...attributes}
                  value={typed.name}
                  required
                  maxlength={80}
                  autocomplete="name"
                  dir="auto"
                />
              )}
            </Field>
            <Field
              name="timeZone"
              label="Time zone"
              hint="Such as Europe/London. Empty: the one of the browser. It is for showing times only."
              problems={problems}
            >
              {(attributes) => (
                <input {...attributes} value={typed.timeZone} maxlength={64} spellcheck={false} />
              )}
            </Field>
            <div class="row">
              <Button kind="primary">Save profile</Button>
            </div>
          </form>
        </PanelBody>
      </Panel>
      <Panel title="Who you are here" id="who">
        <PanelBody>
          <div class="stack">
            <Facts
              facts={[
                ['E-mail', <Foreign text={user.email ?? ''} class="break" />],
                ['Account since', <Time at={user.createdAt} />],
                ...(user.isOwner ? [['Instance', 'Owner'] as const] : []),
                ...roles.map(({ workspace, role }) => [workspace, role] as const),
              ]}
            />
            <div class="row">
              <LinkButton href="/account/email">Change the address</LinkButton>
            </div>
          </div>
        </PanelBody>
      </Panel>
    </div>
  </>
)

export interface SessionsShown {
  readonly sessions: readonly SessionRow[]
  readonly currentId: string
}

export const SessionsPage = ({ sessions, currentId }: SessionsShown) => (
  <>
    <Head
      title="Sessions and devices"
      meta={[count(sessions.length, 'session', 'sessions')]}
      actions={
        sessions.length > 1 && (
          <form method="post" action="/account/sessions/others">
            <Button kind="danger" icon="log-out">
              End all others
            </Button>
          </form>
        )
      }
    />
    <section class="panel" aria-label="Sessions">
      <Table
        label="Sessions, last used first"
        isStacked
        columns={[
          { label: 'Browser' },
          { label: 'From' },
          { label: 'Last used' },
          { label: 'Since' },
          { label: 'Act', isLabelHidden: true },
        ]}
      >
        {sessions.map((session) => (
          <SessionLine session={session} isCurrent={session.id === currentId} />
        ))}
      </Table>
    </section>
  </>
)

const SessionLine = (props: { session: SessionRow; isCurrent: boolean }) => {
  const { id, userAgent, ip, usedAt, startedAt, factors } = props.session
  return (
    <tr>
      <th scope="row">
        <span class="row">
          <Foreign text={describeBrowser(userAgent)} />
          {props.isCurrent && <Badge tone="accent">This one</Badge>}
        </span>
        <span class="small muted">Signed in with {factors.map(factorName).join(' and ')}</span>
      </th>
      <td>
        <CellLabel>From</CellLabel>
        <span class="mono">{ip === '' ? 'unknown' : ip}</span>
      </td>
      <td>
        <CellLabel>Last used</CellLabel>
        <Time at={usedAt} />
      </td>
      <td>
        <CellLabel>Since</CellLabel>
        <Time at={startedAt} />
      </td>
      <td>
        {!props.isCurrent && (
          <form method="post" action={`/account/sessions/${id}/end`}>
            <Button size="s">
              End<span class="vh"> this session</span>
            </Button>
          </form>
        )}
      </td>
    </tr>
  )
}

const FACTOR_NAMES: Readonly<Record<SessionRow['factors'][number], string>> = {
  password: 'password',
  totp: 'authenticator app',
  passkey: 'passkey',
  recovery: 'recovery code',
  link: 'a link',
  sso: 'single sign-on',
}

const factorName = (factor: SessionRow['factors'][number]) => FACTOR_NAMES[factor]

const BROWSERS = [
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
] as const
const SYSTEMS = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
] as const

/** What the browser says of itself, in short; its own words when they are none of the usual. */
export function describeBrowser(userAgent: string): string {
  if (userAgent === '') return 'A program that does not say its name'
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1]
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1]
  if (browser === undefined) return userAgent.slice(0, 80)
  return system === undefined ? browser : `${browser} on ${system}`
}

export interface EventShown {
  readonly what: string
  readonly at: Instant
  readonly isNew: boolean
}

export const EventsPage = ({ events }: { events: readonly EventShown[] }) => (
  <>
    <Head title="Security events" meta={['What happened to your account, newest first']} />
    <Panel id="events">
      {events.length === 0 ? (
        <Empty icon="bell" title="Nothing has happened yet">
          New browsers, changed passwords and roles, tokens made in your name: you find them here.
        </Empty>
      ) : (
        <ul class="plain-list">
          {events.map(({ what, at, isNew }) => (
            <li>
              <span class="row">
                <Foreign text={what} />
                {isNew && <Badge tone="accent">New</Badge>}
              </span>
              <Time at={at} class="small muted" />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  </>
)

const THEMES = [
  ['system', 'monitor', 'As the system', 'Follows what this device is set to.'],
  ['light', 'sun', 'Light', 'Dark text on a light ground.'],
  ['dark', 'moon', 'Dark', 'Light text on a dark ground.'],
] as const

export const AppearancePage = () => (
  <>
    <Head title="Appearance" />
    <Panel title="Theme" id="theme" sub="of this browser">
      <PanelBody>
        <noscript>
          <p>Without script the pages follow the theme of the system.</p>
        </noscript>
        <div class="menu-list theme-list" data-script hidden>
          {THEMES.map(([theme, icon, label, hint]) => (
            <button type="button" data-theme-set={theme} aria-pressed="false">
              <Icon name={icon} />
              <Stacked title={label}>{hint}</Stacked>
            </button>
          ))}
        </div>
      </PanelBody>
    </Panel>
  </>
)

const Stacked = (props: { title: string; children?: Child }) => (
  <span>
    {props.title}
    <span class="small muted"> {props.children}</span>
  </span>
)
