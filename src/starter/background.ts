// A quiet day in the same company: what the sources say when nothing is wrong. Made from a seed, so
// everybody has the same day. Nothing in it fires a starter rule.

import { DAY, type Instant } from '#kernel/time.ts'
import {
  CLOUDTRAIL,
  DNS,
  ENTRA_AUDIT,
  ENTRA_SIGN_IN,
  FIREWALL,
  LINUX_PROCESS,
  OKTA,
  PROXY,
  sampleEvent,
  WEB_SERVER,
  WINDOWS_PROCESS,
  WINDOWS_SECURITY,
  type LogSource,
  type SampleEvent,
} from './event.ts'

type Fields = Readonly<Record<string, unknown>>
type Pick = <T>(from: readonly T[]) => T

const PEOPLE = ['ada', 'ravi', 'vera', 'lena', 'omar', 'mei', 'tomas', 'nadia', 'kofi', 'iris']
const WINDOWS = 'C:\\Windows\\System32\\'
const PROGRAMS = [
  ['C:\\Program Files\\Mozilla Firefox\\firefox.exe', '"firefox.exe" -contentproc'],
  [`${WINDOWS}svchost.exe`, 'svchost.exe -k netsvcs -p'],
  [`${WINDOWS}taskhostw.exe`, 'taskhostw.exe'],
  ['C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE', '"EXCEL.EXE" budget.xlsx'],
  [`${WINDOWS}whoami.exe`, 'whoami'],
  [`${WINDOWS}schtasks.exe`, 'schtasks /query /fo list'],
  [
    `${WINDOWS}WindowsPowerShell\\v1.0\\powershell.exe`,
    'powershell -File C:\\tools\\inventory.ps1',
  ],
] as const
const COMMANDS = [
  ['/usr/bin/ls', 'ls -la'],
  ['/usr/bin/systemctl', 'systemctl status nginx'],
  ['/usr/bin/curl', 'curl -o release.tgz https://files.acme.example/release.tgz'],
  ['/usr/bin/tar', 'tar xzf release.tgz'],
] as const
const SITES = ['www.acme.example', 'mail.acme.example', 'wiki.acme.example', 'time.example.net']
const PATHS = ['/', '/item', '/cart', '/images/logo.png', '/search']
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

interface Source {
  readonly logsource: LogSource
  /** How many of a hundred events are its. */
  readonly share: number
  readonly fields: (pick: Pick) => Fields
}

const SOURCES: readonly Source[] = [
  { logsource: WINDOWS_PROCESS, share: 26, fields: windowsProcess },
  { logsource: WINDOWS_SECURITY, share: 18, fields: windowsSignIn },
  { logsource: LINUX_PROCESS, share: 8, fields: linuxProcess },
  { logsource: CLOUDTRAIL, share: 8, fields: cloudCall },
  { logsource: ENTRA_SIGN_IN, share: 8, fields: entraSignIn },
  { logsource: ENTRA_AUDIT, share: 1, fields: entraChange },
  { logsource: OKTA, share: 5, fields: oktaSignIn },
  { logsource: WEB_SERVER, share: 10, fields: webRequest },
  { logsource: DNS, share: 8, fields: (pick) => ({ src_ip: inside(pick), query: pick(SITES) }) },
  { logsource: PROXY, share: 4, fields: proxyRequest },
  { logsource: FIREWALL, share: 4, fields: connection },
]

/** `count` events over the day that begins at `day`, in the order of their times. */
export function quietDay(day: Instant, count = 1_950, seed = 20_261_122): readonly SampleEvent[] {
  const random = randomFrom(seed)
  const pick: Pick = (from) => from[Math.floor(random() * from.length)]!
  const lots = SOURCES.flatMap((source) => Array.from({ length: source.share }, () => source))
  const times = Array.from({ length: count }, () => day + Math.floor(random() * DAY))
  return times
    .toSorted((a, b) => a - b)
    .map((at) => {
      const { logsource, fields } = pick(lots)
      return sampleEvent(at, logsource, fields(pick))
    })
}

/** Mulberry32: small, quick, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const HOSTS = Array.from({ length: 20 }, (_, index) => `wks-0${10 + index}.acme.example`)
const INSIDE = Array.from({ length: 20 }, (_, index) => `10.20.1.${10 + index}`)
const OFFICE = ['198.51.100.4', '198.51.100.9']

function inside(pick: Pick): string {
  return pick(INSIDE)
}

function windowsProcess(pick: Pick): Fields {
  const [Image, CommandLine] = pick(PROGRAMS)
  const User = `ACME\\${pick(PEOPLE)}`
  return {
    Computer: pick(HOSTS),
    User,
    Image,
    CommandLine,
    ParentImage: 'C:\\Windows\\explorer.exe',
  }
}

function windowsSignIn(pick: Pick): Fields {
  return {
    Provider_Name: 'Microsoft-Windows-Security-Auditing',
    EventID: pick([4624, 4634, 4672]),
    Computer: pick(HOSTS),
    TargetUserName: pick(PEOPLE),
    LogonType: pick([2, 3, 7, 10]),
    IpAddress: inside(pick),
  }
}

function linuxProcess(pick: Pick): Fields {
  const [Image, CommandLine] = pick(COMMANDS)
  const Computer = pick(['web-01.acme.example', 'web-02.acme.example'])
  return { Computer, User: 'deploy', Image, CommandLine, ParentImage: '/usr/bin/bash' }
}

function cloudCall(pick: Pick): Fields {
  const who = pick(PEOPLE)
  const [eventSource, eventName] = pick([
    ['ec2.amazonaws.com', 'DescribeInstances'],
    ['s3.amazonaws.com', 'GetObject'],
    ['cloudtrail.amazonaws.com', 'DescribeTrails'],
    ['signin.amazonaws.com', 'ConsoleLogin'],
  ] as const)
  const userIdentity = {
    type: 'IAMUser',
    userName: who,
    arn: `arn:aws:iam::111122223333:user/${who}`,
  }
  return { eventSource, eventName, userIdentity, sourceIPAddress: pick(OFFICE) }
}

function entraSignIn(pick: Pick): Fields {
  // One in twenty is a typing error.
  const ResultType = pick([50126, ...Array.from({ length: 19 }, () => 0)])
  const UserPrincipalName = `${pick(PEOPLE)}@acme.example`
  return { ResultType, UserPrincipalName, IPAddress: pick(OFFICE) }
}

function entraChange(pick: Pick): Fields {
  const user = { userPrincipalName: 'ada@acme.example', ipAddress: pick(OFFICE) }
  return { OperationName: 'Update user', Result: 'success', InitiatedBy: { user } }
}

function oktaSignIn(pick: Pick): Fields {
  return {
    eventType: pick(['user.session.start', 'user.authentication.auth_via_mfa', 'user.session.end']),
    outcome: { result: 'SUCCESS' },
    actor: { alternateId: `${pick(PEOPLE)}@acme.example` },
    client: { ipAddress: pick(OFFICE) },
  }
}

function webRequest(pick: Pick): Fields {
  return {
    'c-ip': `198.51.100.${pick([17, 23, 42, 77, 105])}`,
    'cs-host': 'shop.acme.example',
    'cs-method': 'GET',
    'cs-uri-stem': pick(PATHS),
    'cs-user-agent': AGENT,
    'sc-status': pick([200, 200, 200, 304, 404]),
  }
}

function proxyRequest(pick: Pick): Fields {
  const host = pick(SITES)
  const who = { 'c-ip': inside(pick), 'cs-username': pick(PEOPLE) }
  return { ...who, 'c-useragent': AGENT, 'c-uri': `https://${host}/`, 'r-dns': host }
}

function connection(pick: Pick): Fields {
  const action = pick(['allow', 'allow', 'deny'])
  return { src_ip: inside(pick), dst_ip: '10.20.0.5', dst_port: pick([443, 445, 53]), action }
}
