// Every part of the look in the state one is most likely to need. Development only: a release does not
// contain this page. Look here before writing a new part.

import type { Child } from 'hono/jsx'
import type { AttackTags, TagFix } from '#languages/attack/tags.ts'
import { AttackBadges } from '#views/parts/attack.tsx'
import { Avatar, Badge, Chip, Count, Level, State } from '#views/parts/badge.tsx'
import { Button, Kbd, LinkButton } from '#views/parts/button.tsx'
import { Confirm, Menu } from '#views/parts/dialog.tsx'
import {
  Check,
  Field,
  FilterChip,
  SearchBox,
  Select,
  Switch,
  TextArea,
} from '#views/parts/field.tsx'
import { useAnswer } from '#views/parts/answer.ts'
import { Empty, Notice, Skeleton, Toast } from '#views/parts/notice.tsx'
import { Facts, Figures, Head, Panel, PanelBody, Tabs } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { Bytes, Code, ExternalLink, Foreign, Num, Time, Unknown } from '#views/parts/text.tsx'
import { addMs } from '#kernel/time.ts'
import { EchoForm, type Echo } from './echo.tsx'

export const PartsPage = (props: { echo: Echo }) => (
  <>
    <Head
      title="Parts"
      meta={['Every part of the look, in the state you are most likely to need']}
    />
    <Buttons />
    <States />
    <Fields />
    <Filters />
    <Tables />
    <Layout />
    <Notices />
    <Dialogs />
    <Progress />
    <Texts />
    <Part id="live" title="Live" note="Swaps, refusals and foreign text, through the real doors.">
      <EchoForm echo={props.echo} />
    </Part>
  </>
)

const SITE = 'https://attack.mitre.org'
const powerShell = { name: 'PowerShell', tactics: ['execution'], platforms: [] }
const ATTACK_TAGS: AttackTags = {
  tactics: [
    {
      tag: 'attack.execution',
      tactic: { id: 'TA0002', shortName: 'execution', name: 'Execution' },
      url: `${SITE}/tactics/TA0002/`,
    },
  ],
  techniques: [
    {
      tag: 'attack.t1059.001',
      technique: { ...powerShell, id: 'T1059.001' },
      name: 'Command and Scripting Interpreter: PowerShell',
      url: `${SITE}/techniques/T1059/001/`,
    },
    {
      tag: 'attack.t1086',
      technique: { ...powerShell, id: 'T1086', revokedBy: 'T1059.001' },
      name: 'PowerShell',
      url: `${SITE}/techniques/T1086/`,
    },
  ],
  unknown: ['attack.t9999'],
}
const ATTACK_FIXES: readonly TagFix[] = [
  { tag: 'attack.t1086', instead: [], isSure: true, why: 'T1086 PowerShell is T1059.001 now.' },
]

const Part = (props: { id: string; title: string; note: string; children?: Child }) => (
  <section class="part" id={props.id} aria-labelledby={`${props.id}-h`}>
    <div class="part-head">
      <h2 id={`${props.id}-h`}>{props.title}</h2>
      <p class="muted small">{props.note}</p>
    </div>
    <div class="part-body">{props.children}</div>
  </section>
)

const Buttons = () => (
  <Part id="buttons" title="Buttons" note="One primary a page. Name the act and its object.">
    <div class="row">
      <Button kind="primary" icon="plus" type="button">
        New rule
      </Button>
      <Button type="button">Run tests</Button>
      <Button kind="quiet" type="button">
        Compare
      </Button>
      <Button kind="danger" type="button">
        Reject
      </Button>
      <Button kind="danger-solid" type="button">
        Retire the rule
      </Button>
      <Button type="button" disabled>
        Deploy
      </Button>
      <Menu
        id="parts-menu"
        label="More acts"
        links={[{ href: '#buttons', label: 'Compare versions', icon: 'history' }]}
      />
    </div>
    <div class="row">
      <LinkButton href="#buttons" size="s" icon="download">
        Export
      </LinkButton>
      <span class="row-s">
        <Kbd>Ctrl</Kbd>
        <Kbd>K</Kbd>
      </span>
    </div>
  </Part>
)

const States = () => (
  <Part
    id="states"
    title="States and levels"
    note="Shape and word carry the meaning; colour only helps. Unknown is dashed and never green."
  >
    <div class="row">
      <Badge tone="ok">Deployed</Badge>
      <Badge tone="warn">Partial</Badge>
      <Badge tone="bad">Failed</Badge>
      <Badge tone="unknown">Unknown</Badge>
      <Badge tone="accent" icon="git-pull-request">
        In review
      </Badge>
      <Badge>Draft</Badge>
    </div>
    <div class="row">
      <State of="live">Live</State>
      <State of="soaking">Soaking</State>
      <State of="paused">Paused</State>
      <State of="drifted">Drifted</State>
      <State of="missing">Missing</State>
      <State of="unknown">Unknown</State>
      <State of="none">Not deployed</State>
    </div>
    <div class="row">
      <Level of="informational" />
      <Level of="low" />
      <Level of="medium" />
      <Level of="high" />
      <Level of="critical" />
    </div>
    <div class="row">
      <Chip href="#states" mono>
        T1059.001
      </Chip>
      <Chip>windows</Chip>
      <Count value={12} label="rules" />
      <Count value={3} label="changes wait for you" acts />
      <Avatar name="Maren Lindqvist" size="l" />
    </div>
    <AttackBadges tags={ATTACK_TAGS} fixes={ATTACK_FIXES} />
  </Part>
)

const LEVEL_OPTIONS = [
  ['high', 'High'],
  ['critical', 'Critical'],
] as const

const Fields = () => (
  <Part
    id="fields"
    title="Fields"
    note="Label above, hint below. An error stands beside its field, says what to do and keeps what was typed."
  >
    <form class="form-grid" method="get">
      <Field name="name" label="Name" hint="What an analyst reads at 3 am.">
        {(attributes) => <input {...attributes} value="Encoded PowerShell command line" />}
      </Field>
      <Field name="level" label="Level">
        {(attributes) => <Select {...attributes} value="high" options={LEVEL_OPTIONS} />}
      </Field>
      <Field
        name="ends"
        label="Exclusion ends"
        problems={{ first: '', ends: 'At most 90 days from today: 17 February 2027 or earlier.' }}
      >
        {(attributes) => <input {...attributes} value="2027-06-30" />}
      </Field>
      <Field name="why" label="Why">
        {(attributes) => <TextArea {...attributes} value="" />}
      </Field>
      <div class="row">
        <Check name="target-a" label="splunk-prod" checked />
        <Check name="target-b" label="sentinel-emea" />
      </div>
      <div class="row">
        <Switch name="review" label="2 signatures by passkey" checked />
        <Switch name="tokens" label="Tokens may sign" />
      </div>
    </form>
  </Part>
)

const Filters = () => (
  <Part id="filters" title="Filter bar" note="Every filter is a chip and stands in the address.">
    <div class="filters">
      <SearchBox label="Name, id or text" name="q" />
      <FilterChip field="level" value="high" without="#filters" />
      <FilterChip field="owner" value="me" without="#filters" />
    </div>
  </Part>
)

const COLUMNS = [
  { label: 'Target' },
  { label: 'State' },
  { label: 'Rules', isNumber: true },
  { label: 'Delay', isNumber: true },
]

const Tables = () => (
  <Part
    id="tables"
    title="Tables and pagers"
    note="Numbers to the right with tabular figures. Missing data is the word unknown."
  >
    <Panel>
      <Table label="Example table" columns={COLUMNS}>
        <tr>
          <th scope="row">splunk-prod</th>
          <td>
            <State of="live">Answers</State>
          </td>
          <td class="num">
            <Num value={1608} />
          </td>
          <td class="num">0.4 s</td>
        </tr>
        <tr>
          <th scope="row">elastic-ot</th>
          <td>
            <State of="unknown">Unknown</State>
          </td>
          <td class="num">118</td>
          <td class="num">
            <Unknown />
          </td>
        </tr>
      </Table>
      <Pager shown="2 of 640 targets" first={null} next="#tables" />
    </Panel>
  </Part>
)

const Layout = () => (
  <Part id="layout" title="Panels, figures, tabs" note="Each face of a noun has its own address.">
    <Tabs
      label="Example tabs"
      tabs={[
        { href: '#layout', label: 'Overview', isCurrent: true },
        { href: '#layout', label: 'Query' },
      ]}
    />
    <Figures
      label="Example figures"
      figures={[
        { label: 'Rules live', value: '611', unit: 'of 640', note: '8 soaking, 14 unknown' },
        { label: 'Alerts a day', value: '184', note: '7-day mean', href: '#layout' },
        { label: 'Silenced', value: <Unknown />, note: 'elastic-ot does not answer' },
      ]}
    />
    <Panel title="Facts" sub="terms and values" foot="A foot says where the facts are from.">
      <PanelBody>
        <Facts
          facts={[
            ['Owner', 'Endpoint team'],
            ['Size', <Bytes value={4_213_000} />],
            ['Last read', <Unknown />],
          ]}
        />
      </PanelBody>
    </Panel>
  </Part>
)

const Notices = () => (
  <Part id="notices" title="Notices" note="What happened, what it means, what to do.">
    <div class="stack-s">
      <Notice tone="ok" title="Deployed and verified.">
        14 of 14 items read back equal.
      </Notice>
      <Notice tone="warn" title="Not complete.">
        sentinel-emea stopped at 10 000 rows.
      </Notice>
      <Notice
        tone="bad"
        title="The write was refused."
        actions={
          <LinkButton href="#notices" size="s">
            See the drift
          </LinkButton>
        }
      >
        The target changed since the signature: cron_schedule differs.
      </Notice>
      <Notice tone="unknown" title="Unknown.">
        elastic-ot has not answered for 14 min.
      </Notice>
    </div>
    <Panel>
      <Empty
        icon="bell-off"
        title="Nothing is silenced"
        actions={<LinkButton href="#notices">Propose an exclusion</LinkButton>}
      >
        Exclusions, pauses and throttles would be listed here, with who, why and until when.
      </Empty>
    </Panel>
  </Part>
)

const Dialogs = () => (
  <Part
    id="dialogs"
    title="Dialogs and toasts"
    note="Name the object and the consequence; the button repeats the verb."
  >
    <div class="dlg-demo">
      <Confirm
        id="parts-dialog"
        opener="Retire the rule"
        question="Retire “Certutil download or decode”?"
        consequence="It runs nowhere, so nothing changes on any target. Its versions and history are kept."
        keep="Keep it"
        verb="Retire the rule"
        path="/dev/parts/confirmed"
      />
      <Toast>3 rules moved to Endpoint</Toast>
    </div>
  </Part>
)

const Progress = () => (
  <Part id="progress" title="Progress" note="A bar never stands alone: what, how far, how long.">
    <Panel>
      <div class="job">
        <b>Test 640 rules</b>
        <Button size="s" type="button">
          Cancel
        </Button>
        <progress value={402} max={640} aria-label="Test 640 rules"></progress>
        <p class="job-note">
          <span>402 of 640 rules, 3 failed</span>
          <span>about 20 s left</span>
        </p>
      </div>
    </Panel>
    <Panel>
      <Skeleton />
    </Panel>
  </Part>
)

const Texts = () => {
  const { now } = useAnswer()
  return (
    <Part
      id="texts"
      title="Words and values"
      note="Times relative, exact on hover. No invented zero."
    >
      <Facts
        facts={[
          ['Just now', <Time at={now} />],
          ['Earlier', <Time at={addMs(now, -6 * 60_000)} />],
          ['Long ago', <Time at={addMs(now, -90 * 86_400_000)} />],
          ['Number', <Num value={-48_214.5} />],
          ['From a target', <Foreign text="Настройка ‮PowerShell‬ 机器" />],
          ['Link', <ExternalLink url="https://attack.mitre.org/techniques/T1059/001/" />],
          ['No link', <ExternalLink url="javascript:alert(1)" />],
        ]}
      />
      <Panel>
        <Code label="Example code" text={'detection:\n  selection:\n    EventID: 4769'} />
      </Panel>
    </Part>
  )
}
