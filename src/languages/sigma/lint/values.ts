// Checks of values: wildcards and backslashes that do not mean what they seem to, and texts that no
// event holds.

import type { Problem } from '#kernel/problem.ts'
import { ANY } from '#languages/predicate.ts'
import { lowerItem } from '#languages/sigma/lower.ts'
import type { DetectionItem } from '#languages/sigma/rule.ts'
import { isPlaceholder, isWildcard, readText } from '#languages/sigma/value.ts'
import { ofItem, ofText, type Check } from './check.ts'

export const VALUE_CHECKS: readonly Check[] = [
  ofText(
    {
      code: 'sigma/lone-wildcard',
      severity: 'info',
      why: '"exists" says it more plainly, and runs faster.',
      bad: "detection: {a: {User: '*'}, condition: a}",
      good: 'detection: {a: {User|exists: true}, condition: a}',
    },
    (one, report) => {
      if (one.parts.length === 1 && one.parts[0] === ANY && one.raw.length === 1) {
        report('A star alone only asks whether there is a value.', 'Write field|exists: true.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/only-wildcards',
      severity: 'warning',
      why: 'Every value that is long enough matches.',
      bad: "detection: {a: {User: '??*'}, condition: a}",
      good: "detection: {a: {User|re: '^.{2,}$'}, condition: a}",
    },
    (one, report) => {
      if (one.raw.length > 1 && /^[*?]+$/.test(one.raw)) {
        report('The value is nothing but wildcards.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/empty-pattern',
      severity: 'warning',
      why: 'Nothing stands in every value: the test holds whenever the field is there.',
      bad: "detection: {a: {CommandLine|contains: ''}, condition: a}",
      good: 'detection: {a: {CommandLine|exists: true}, condition: a}',
    },
    (one, report, holder) => {
      if (one.raw === '' && isOpen(holder)) report('An empty text is found in every value.')
    },
  ),
  ofText(
    {
      code: 'sigma/empty-keyword',
      severity: 'warning',
      why: 'An empty keyword is found in every event.',
      bad: "detection: {a: [''], condition: a}",
      good: 'detection: {a: [mimikatz], condition: a}',
    },
    (one, report, holder) => {
      if (holder.field === undefined && /^\**$/.test(one.raw)) {
        report('This keyword is found in every event.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/short-keyword',
      severity: 'info',
      why: 'Keywords are looked for everywhere in the event; two letters stand in most of them.',
      bad: 'detection: {a: [nc], condition: a}',
      good: "detection: {a: ['nc -lvp'], condition: a}",
    },
    (one, report, holder) => {
      if (holder.field === undefined && holder.link === 'or' && /^\w{1,2}$/.test(one.raw)) {
        report('One or two characters are found in almost every event.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/short-contains',
      severity: 'info',
      why: 'One letter or digit stands in almost every value.',
      bad: 'detection: {a: {CommandLine|contains: w}, condition: a}',
      good: 'detection: {a: {CommandLine|contains: whoami}, condition: a}',
    },
    (one, report, holder) => {
      const isBroad =
        holder.modifiers.includes('contains') && holder.link === 'or' && !holder.isNegated
      if (isBroad && holder.field !== undefined && /^\w$/.test(one.raw)) {
        report('One character is found in almost every value.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/needless-wildcard',
      severity: 'warning',
      why: 'The modifier already opens that end.',
      bad: "detection: {a: {CommandLine|contains: '*whoami*'}, condition: a}",
      good: 'detection: {a: {CommandLine|contains: whoami}, condition: a}',
    },
    (one, report, holder) => {
      const parts = readText(one.raw).parts
      const opens = (name: string) =>
        holder.modifiers.includes(name) || holder.modifiers.includes('contains')
      const isLed = isWildcard(parts[0]) && opens('endswith')
      const isTrailed = isWildcard(parts.at(-1)) && opens('startswith')
      const isStar = (isLed && one.raw.startsWith('*')) || (isTrailed && one.raw.endsWith('*'))
      if (isStar && parts.length > 1) {
        report('The star at the end is already what the modifier means.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/double-wildcard',
      severity: 'info',
      why: 'Two stars in a row are one, and slow some engines down.',
      bad: "detection: {a: {CommandLine: 'who**ami'}, condition: a}",
      good: "detection: {a: {CommandLine: 'who*ami'}, condition: a}",
    },
    (one, report) => {
      if (/[^*\\]\*\*[^*]/.test(one.raw)) report('Two stars stand in a row.')
    },
  ),
  ofText(
    {
      code: 'sigma/wildcards-for-modifiers',
      severity: 'info',
      why: 'Modifiers are easier to read and to convert.',
      bad: "detection: {a: {CommandLine: '*whoami*'}, condition: a}",
      good: 'detection: {a: {CommandLine|contains: whoami}, condition: a}',
    },
    (one, report, holder) => {
      if (holder.modifiers.length > 0 || holder.field === undefined || one.parts.length < 2) return
      const inner = one.parts.slice(1, -1).filter(isWildcard)
      const first = one.parts[0] === ANY
      const last = one.parts.at(-1) === ANY
      if (inner.length > 0 || (!first && !last)) return
      const name = first && last ? 'contains' : first ? 'endswith' : 'startswith'
      report('Stars at the ends are what modifiers are for.', `Write field|${name}.`)
    },
  ),
  ofText(
    {
      code: 'sigma/leading-wildcard',
      severity: 'info',
      why: 'Targets that index words must then read every value; the rest of the rule should be narrow.',
      bad: "detection: {a: {CommandLine: '*who*ami'}, condition: a}",
      good: "detection: {a: {CommandLine: 'who*ami'}, condition: a}",
    },
    (one, report, holder) => {
      const isBare = holder.modifiers.length === 0 && holder.field !== undefined
      const hasInner = one.parts.slice(1, -1).some(isWildcard)
      if (isBare && isWildcard(one.parts[0]) && hasInner) {
        report('The value begins with a wildcard.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/escaped-wildcard',
      severity: 'warning',
      why: 'A backslash before a star makes it a plain star; folders end so by mistake.',
      bad: "detection: {a: {Image: 'C:\\Temp\\*'}, condition: a}",
      good: "detection: {a: {Image|startswith: 'C:\\Temp\\'}, condition: a}",
    },
    (one, report) => {
      if (/[A-Za-z0-9:]\\\*$/.test(one.raw)) {
        report(
          'The star is escaped by the backslash before it.',
          'Write two backslashes for a folder.',
        )
      }
    },
  ),
  ofText(
    {
      code: 'sigma/unc-backslashes',
      severity: 'warning',
      why: 'Two backslashes are read as one: a path to another machine needs four.',
      bad: "detection: {a: {Image|startswith: '\\\\server\\share'}, condition: a}",
      good: "detection: {a: {Image|startswith: '\\\\\\\\server\\share'}, condition: a}",
    },
    (one, report, holder) => {
      const isFromStart = !holder.modifiers.some(
        (name) => name === 'contains' || name === 'endswith',
      )
      if (isFromStart && holder.field !== undefined && /^\\\\[^\\*?]/.test(one.raw)) {
        report('The value begins with one backslash, not with two.', 'Write four of them.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/placeholder-without-expand',
      severity: 'info',
      why: 'Only "expand" makes a placeholder of it.',
      bad: "detection: {a: {User: '%Admins%'}, condition: a}",
      good: "detection: {a: {User|expand: '%Admins%'}, condition: a}",
    },
    (one, report, holder) => {
      const isWhole = /^%\w+%$/.test(one.raw) && !VARIABLES.test(one.raw)
      if (isWhole && !isOpen(holder) && !holder.modifiers.includes('expand')) {
        report('This looks like a placeholder.', 'Add the modifier "expand" if it is one.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/needs-placeholder',
      severity: 'info',
      why: 'Without a pipeline that says what it stands for, the rule can be neither run nor converted.',
      bad: "detection: {a: {User|expand: '%Admins%'}, condition: a}",
      good: 'detection: {a: {User: ada}, condition: a}',
    },
    (one, report) => {
      const name = one.parts.find(isPlaceholder)?.placeholder
      if (name !== undefined) report(`A pipeline must say what %${name}% stands for.`)
    },
  ),
  ofItem(
    {
      code: 'sigma/keyword-needs-field',
      severity: 'error',
      why: 'A network, a time or a comparison is of a field; a keyword is looked for everywhere.',
      bad: "detection: {a: {'|cidr': 10.0.0.0/8}, condition: a}",
      good: 'detection: {a: {User|cidr: 10.0.0.0/8}, condition: a}',
    },
    (one, report) => {
      const problems: Problem[] = []
      if (one.field === undefined) lowerItem(one, problems)
      const found = problems.find(({ code }) => code === 'sigma/keyword-needs-field')
      if (found) report(one, found.message)
    },
  ),
  ofText(
    {
      code: 'sigma/unexpanded-variable',
      severity: 'warning',
      why: 'Windows logs the path of a started program with its variables replaced.',
      bad: "detection: {a: {Image|startswith: '%APPDATA%\\'}, condition: a}",
      good: "detection: {a: {Image|contains: '\\AppData\\'}, condition: a}",
    },
    (one, report, holder) => {
      if (isPathField(holder) && VARIABLES.test(one.raw)) {
        report('Paths of programs are logged with variables replaced.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/wrong-slash',
      severity: 'warning',
      why: 'Paths of programs are logged with the separators of their system.',
      bad: "detection: {a: {Image|endswith: '/whoami.exe'}, condition: a}",
      good: "detection: {a: {Image|endswith: '\\whoami.exe'}, condition: a}",
    },
    (one, report, holder) => {
      const isWindows = /\.(?:exe|dll|sys|bat|cmd|ps1)$/i.test(one.raw)
      if (isPathField(holder) && isWindows && one.raw.includes('/') && !one.raw.includes('\\')) {
        report('Windows writes paths with backslashes.')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/quoted-path',
      severity: 'warning',
      why: 'Quotes stand in command lines, never in the path of a program.',
      bad: "detection: {a: {Image|endswith: '\\whoami.exe\"'}, condition: a}",
      good: "detection: {a: {Image|endswith: '\\whoami.exe'}, condition: a}",
    },
    (one, report, holder) => {
      if (isPathField(holder) && one.raw.includes('"')) report('A path holds no quotes.')
    },
  ),
  ofText(
    {
      code: 'sigma/open-file-name',
      severity: 'info',
      why: 'Without a separator before it, notepad.exe also ends other names: mynotepad.exe.',
      bad: 'detection: {a: {Image|endswith: whoami.exe}, condition: a}',
      good: "detection: {a: {Image|endswith: '\\whoami.exe'}, condition: a}",
    },
    (one, report, holder) => {
      const isEnd = holder.modifiers.includes('endswith') && isPathField(holder)
      if (isEnd && /^[\w-]+\.(?:exe|dll|sys|bat|cmd|ps1)$/i.test(one.raw)) {
        report('The name may be the end of a longer one.', `Write "\\${one.raw}".`)
      }
    },
  ),
  ofText(
    {
      code: 'sigma/network-as-text',
      severity: 'warning',
      why: 'No address equals the name of a network; "cidr" compares them.',
      bad: 'detection: {a: {DestinationIp: 10.0.0.0/8}, condition: a}\nlogsource: {category: network_connection, product: windows}',
      good: 'detection: {a: {DestinationIp|cidr: 10.0.0.0/8}, condition: a}\nlogsource: {category: network_connection, product: windows}',
    },
    (one, report, holder) => {
      const isNetwork = /^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/.test(one.raw)
      if (isNetwork && holder.modifiers.length === 0 && holder.field !== undefined) {
        report('This network is compared as text.', `Write ${holder.field}|cidr.`)
      }
    },
  ),
  ofText(
    {
      code: 'sigma/prefix-for-network',
      severity: 'info',
      why: '"cidr" says it exactly, and 10.1 as text also begins 10.100.',
      bad: "detection: {a: {DestinationIp|startswith: '10.1'}, condition: a}\nlogsource: {category: network_connection, product: windows}",
      good: 'detection: {a: {DestinationIp|cidr: 10.1.0.0/16}, condition: a}\nlogsource: {category: network_connection, product: windows}',
    },
    (one, report, holder) => {
      const isAddress = /ip$|address$/i.test(holder.field ?? '')
      const isCut = /^\d{1,3}(?:\.\d{1,3}){0,2}$/.test(one.raw)
      if (isAddress && isCut && holder.modifiers.includes('startswith')) {
        report('A number of the address may go on.', 'Use "cidr".')
      }
    },
  ),
  ofText(
    {
      code: 'sigma/hash-length',
      severity: 'warning',
      why: 'A digit was lost or doubled when it was copied: no file has this hash.',
      bad: `detection: {a: {Hashes|contains: 'MD5=${'0123456789abcdef'.repeat(2).slice(1)}'}, condition: a}`,
      good: `detection: {a: {Hashes|contains: 'MD5=${'0123456789abcdef'.repeat(2)}'}, condition: a}`,
    },
    (one, report) => {
      const [, name, digits = ''] = /^(MD5|SHA1|SHA256|IMPHASH)=([0-9a-f]+)$/i.exec(one.raw) ?? []
      if (name === undefined) return
      const wanted = HASH_DIGITS[name.toUpperCase()]!
      if (digits.length !== wanted && digits.length > 16) {
        report(`${name} has ${wanted} digits, this ${digits.length}.`)
      }
    },
  ),
  ofText(
    {
      code: 'sigma/invisible-in-value',
      severity: 'warning',
      why: 'Nobody sees why the value is never found.',
      bad: 'detection: {a: {CommandLine|contains: "who\\u200Bami"}, condition: a}',
      good: 'detection: {a: {CommandLine|contains: whoami}, condition: a}',
    },
    (one, report) => {
      if (/[\u200b\u2060\ufeff]/.test(one.raw) && one.raw.length > 1) {
        report(
          'The value has an invisible character.',
          'Write the character with |re if it is meant.',
        )
      }
    },
  ),
  ofText(
    {
      code: 'sigma/typographic-quotes',
      severity: 'info',
      why: 'Text copied from an article has other quotes than programs write.',
      bad: "detection: {a: {CommandLine|contains: 'echo “whoami”'}, condition: a}",
      good: 'detection: {a: {CommandLine|contains: \'echo "whoami"\'}, condition: a}',
    },
    (one, report) => {
      if (/[“”„]/.test(one.raw) && one.raw.length > 1) report('These quotes are typographic.')
    },
  ),
  ofItem(
    {
      code: 'sigma/event-number-as-text',
      severity: 'info',
      why: 'Targets that keep event numbers as numbers do not find them in quotes.',
      bad: "detection: {a: {EventID: '4688'}, condition: a}\nlogsource: {product: windows, service: security}",
      good: 'detection: {a: {EventID: 4688}, condition: a}\nlogsource: {product: windows, service: security}',
    },
    (one, report) => {
      if (one.field !== 'EventID' || one.modifiers.length > 0) return
      for (const scalar of one.written) {
        if (typeof scalar.value === 'string' && /^\d+$/.test(scalar.text)) {
          report(scalar, 'The number of the event is written as text.')
        }
      }
    },
  ),
]

/** Written alone these are what commands hold, not placeholders. */
const VARIABLES =
  /%(?:appdata|localappdata|programdata|programfiles(?:\(x86\))?|systemroot|windir|temp|tmp|userprofile|public|comspec|systemdrive|homepath|username|computername)%/i

const HASH_DIGITS: Readonly<Record<string, number>> = { MD5: 32, SHA1: 40, SHA256: 64, IMPHASH: 32 }

/** Fields that hold the path of a program, as Sysmon names them. */
const PATH_FIELDS = /^(?:(?:Parent|Source|Target|GrandParent)?Image|ImageLoaded)$/

function isPathField({ field, modifiers }: DetectionItem): boolean {
  return field !== undefined && PATH_FIELDS.test(field) && !modifiers.includes('re')
}

function isOpen({ modifiers }: DetectionItem): boolean {
  return modifiers.some((name) => name === 'contains' || /^(?:starts|ends)with$/.test(name))
}
