// What cannot work any more in the head office, and nobody has seen: each in its own way.

import type { Made } from './saved-searches.ts'

const PLAIN = {
  is_scheduled: '1',
  cron_schedule: '*/15 * * * *',
  'alert.track': '1',
  alert_type: 'always',
  'dispatch.earliest_time': '-15m@m',
  'dispatch.latest_time': '@m',
}

const VIPS = 'index=cloud sourcetype="azure:monitor:aad" category="SignInLogs"'

export const BROKEN_SEARCHES: readonly Made[] = [
  // The macro went with the application that brought it.
  broken('Sign-in of a VIP from abroad', `${VIPS} \`ldn_vip_users\` | iplocation ipAddress`),
  broken('Sign-in of a VIP at night', `${VIPS} \`ldn_vip_users\` date_hour<5`),
  broken(
    'Mailbox of a VIP read by others',
    'index=cloud `ldn_vip_users` Operation=MailItemsAccessed',
  ),
  broken(
    'Tool that is on no list',
    'index=wineventlog_ldn EventCode=1 NOT [| inputlookup tools_2019.csv]',
  ),
  // The index was renamed in the last migration.
  broken('Sign-in to the old portal', 'index=portal_legacy action=login'),
  broken(
    'Door of the data centre at night',
    'index=badge site=ldn date_hour<5 | stats count by door',
  ),
  // Looks back a day, every minute.
  broken(
    'Sign-ins to many computers',
    'index=wineventlog_ldn EventCode=4624 | stats dc(Computer) as n by TargetUserName | where n>20',
    {
      cron_schedule: '* * * * *',
      'dispatch.earliest_time': '-24h',
    },
  ),
  // It was meant to run, and does not.
  broken(
    'Service account signs in by hand',
    'index=wineventlog_ldn EventCode=4624 LogonType=2 TargetUserName="svc-*"',
    {
      is_scheduled: '0',
      cron_schedule: '',
    },
  ),
  // Looks back less than from run to run.
  broken('Administrator made in a shop', 'index=cloud action="role.change" role=admin', {
    cron_schedule: '0 * * * *',
    'dispatch.earliest_time': '-10m',
  }),
]

function broken(name: string, search: string, more: Readonly<Record<string, string>> = {}): Made {
  const settings = { ...PLAIN, search, ...more }
  return { name: `SOC - ${name}`, app: 'acme_soc', sharing: 'app', settings }
}
