// Checks of tags outside ATT&CK: the namespaces of the specification's appendix "Sigma Tags" 2.1.0.

import { nearest } from '#kernel/problem.ts'
import type { Check, CheckRow, Subject } from './check.ts'
import { eachItem } from './metadata.ts'

const NAMESPACES = ['attack', 'car', 'cve', 'd3fend', 'detection', 'stp', 'tlp']

export const TAG_CHECKS: readonly Check[] = [
  {
    code: 'sigma/tag-namespace',
    severity: 'info',
    why: 'Other tools do not know the namespace; a misspelt one hides the tag from all of them.',
    bad: 'tags: [atack.t1059]',
    good: 'tags: [attack.t1059]',
    run(subject) {
      eachItem(subject, 'tags', (item) => {
        const [namespace = ''] = item.text.split('.')
        if (!item.text.includes('.') || NAMESPACES.includes(namespace)) return
        const near = nearest(namespace, NAMESPACES)
        const hint = near === undefined ? undefined : `Did you mean "${near}"?`
        subject.report(item, `"${namespace}" is no namespace of the specification.`, hint)
      })
    },
  },
  tag('cve', /^\d{4}-\d{4,}$/, 'Vulnerabilities are written cve.2021-44228.', {
    code: 'sigma/tag-cve',
    severity: 'warning',
    why: 'Whoever looks for a vulnerability looks for its number.',
    bad: 'tags: [cve.2021.44228]',
    good: 'tags: [cve.2021-44228]',
  }),
  tag('car', /^\d{4}-\d{2}-\d{3}$/, 'Analytics are written car.2016-04-005.', {
    code: 'sigma/tag-car',
    severity: 'warning',
    why: 'The number of the analytic is what leads to it.',
    bad: 'tags: [car.2016-4-5]',
    good: 'tags: [car.2016-04-005]',
  }),
  tag(
    'detection',
    /^(?:dfir|emerging-threats|threat-hunting)$/,
    'There are dfir, emerging-threats and threat-hunting.',
    {
      code: 'sigma/tag-detection',
      severity: 'warning',
      why: 'Deployments choose rules by these three; any other is left out of all.',
      bad: 'tags: [detection.hunting]',
      good: 'tags: [detection.threat-hunting]',
    },
  ),
  tag('stp', /^[1-5][auk]?$/, 'The score is 1 to 5, then perhaps a, u or k.', {
    code: 'sigma/tag-stp',
    severity: 'warning',
    why: 'Scores that cannot be read cannot be compared.',
    bad: 'tags: [stp.6]',
    good: 'tags: [stp.3k]',
  }),
  tag(
    'tlp',
    /^(?:red|amber|amber-strict|green|clear)$/,
    'There are red, amber, amber-strict, green and clear.',
    {
      code: 'sigma/tag-tlp',
      severity: 'warning',
      why: 'Whoever passes the rule on must know to whom it may go.',
      bad: 'tags: [tlp.white]',
      good: 'tags: [tlp.clear]',
    },
  ),
  tag(
    'd3fend',
    /^(?:d3f?-[a-z0-9]+|model|harden|detect|isolate|deceive|evict)$/i,
    'D3FEND techniques are written d3fend.d3-am.',
    {
      code: 'sigma/tag-d3fend',
      severity: 'warning',
      why: 'The short name of the countermeasure is what leads to it.',
      bad: 'tags: [d3fend.access_modeling]',
      good: 'tags: [d3fend.d3-am]',
    },
  ),
  {
    code: 'sigma/tag-tlp-twice',
    severity: 'warning',
    why: 'Two answers to the question who may see the rule are none.',
    bad: 'tags: [tlp.red, tlp.green]',
    good: 'tags: [tlp.red]',
    run(subject) {
      let count = 0
      eachItem(subject, 'tags', (item) => {
        if (item.text.startsWith('tlp.') && ++count > 1) {
          subject.report(item, 'The rule has another marking already.')
        }
      })
    },
  },
]

function tag(namespace: string, pattern: RegExp, hint: string, row: CheckRow): Check {
  return {
    ...row,
    run(subject: Subject) {
      eachItem(subject, 'tags', (item) => {
        if (!item.text.startsWith(`${namespace}.`)) return
        const name = item.text.slice(namespace.length + 1)
        if (!pattern.test(name)) subject.report(item, `"${item.text}" cannot be read.`, hint)
      })
    },
  }
}
