// Rules made of a few lines: what is given is laid over a sound rule, key by key, and the rest stays.
// A line `# no KEY` takes a key away, `---` begins another document; one that is a list stays as it is.

const SOUND: Readonly<Record<string, string>> = {
  title: 'Whoami as system',
  id: '80167ada-7a12-41ed-b8e9-aa47195c66a1',
  status: 'test',
  description: 'Finds whoami started by the system account',
  author: 'ada',
  date: '2024-05-01',
  level: 'low',
  logsource: '{category: process_creation, product: windows}',
  detection: "{selection: {Image|endswith: '\\whoami.exe'}, condition: selection}",
}

export function ruleText(lines: string): string {
  return lines
    .split(/^---\n/m)
    .map((part, index) => overlay(part, index))
    .join('---\n')
}

function overlay(lines: string, index: number): string {
  if (lines.startsWith('- ')) return `${lines}\n`
  const given = new Set(
    [...lines.matchAll(/^(?:# no )?([\w-]+)(?::|$)/gm)].map((match) => match[1]),
  )
  if (given.has('correlation')) given.add('logsource').add('detection')
  if (given.has('filter')) given.add('detection')
  const kept = Object.entries(SOUND).flatMap(([key, value]) => {
    if (given.has(key)) return []
    const own = key === 'id' && index > 0 ? value.replace(/1$/, String(index + 1)) : value
    return [`${key}: ${own}\n`]
  })
  return `${kept.join('')}${lines}${lines.endsWith('\n') ? '' : '\n'}`
}
