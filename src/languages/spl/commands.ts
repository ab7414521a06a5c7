// SPL's commands: how the arguments of each are read, whether it may begin a search, and whether it
// does anything besides reading. The guard is this table: what is not in it, or writes, is refused.
// Source: Splunk Search Reference, command quick reference, read 2026-11; the last group is of
// premium apps and apps from Splunkbase that published detections use.

export type SplGrammar = 'search' | 'where' | 'eval' | 'stats' | 'tstats' | 'rename' | 'plain'

export type SplEffect = 'writes' | 'sends' | 'executes' | 'fetches' | 'crosses'

export interface SplCommandInfo {
  readonly grammar: SplGrammar
  /** May stand first, after a leading `|`. */
  readonly isGenerating: boolean
  readonly effect: SplEffect | null
  /** Fewest words, options or subsearches it needs. */
  readonly least: number
}

const PLAIN = `abstract accum/1 addcoltotals addinfo addtotals analyzefields/1 anomalies
  anomalousvalue anomalydetection append/1 appendcols/1 appendpipe/1 arules/1 associate audit
  autoregress/1 bin/1 bucket/1 bucketdir/1 cluster cofilter/1 collapse concurrency/1 contingency/1
  convert/1 correlate datamodelsimple dedup/1 delta/1 diff entitymerge/1 erex/1 expand/1 extract kv
  fieldformat/1 fields/1 fieldsummary filldown fillnull findtypes flatten/1 folderize/1 foreach/1
  format from_json fromjson gauge/1 geom geomfilter geostats/1 head highlight/1 history iconify/1
  inputintelligence/1 iplocation/1 join/1 json kmeans kvform localize localop lookup/1 makecontinuous
  makejson makemv/1 mcatalog/1 metasearch/1 multikv mvcombine/1 mvexpand/1 nomv/1 outlier
  overlap pivot/1 predict/1 rangemap/1 rare/1 redistribute regex/1 relevancy reltime
  replace/1 require return reverse rex/1 savedsearch/1 scrub searchtxn/1 selfjoin/1
  set/1 setfields/1 sichart/1 sirare/1 sitop/1 sort/1 spath strcat/1 table/1 tags
  tail top/1 tojson transaction transpose trendline/1 typelearner typer union/1
  uniq untable/1 walklex/1 where_in x11/1 xmlkv xmlunescape xpath/1 xyseries/1`
const GENERATING = `from/1 inputcsv/1 inputlookup/1 loadjob/1 makeresults metadata/1 eventcount
  mpreview multisearch/1 gentimes/1 datamodel dbinspect typeahead/1 dbxlookup savedsearch
  history audit mcatalog metasearch pivot union inputintelligence walklex append set localop`
const STATS = 'stats eventstats streamstats chart timechart sistats sichart sitimechart geostats'
const EFFECTS: Readonly<Record<SplEffect, string>> = {
  writes: `collect/1 mcollect/1 meventcollect/1 outputcsv outputlookup/1 delete tscollect summarize
    stash dump/1 outputtelemetry outputtext copyresults input deletemodel rss createrss snowincident
    snowevent risk`,
  sends: 'sendemail/1 sendalert/1 sendresults',
  executes: 'script/1 run/1 runshellscript/1 map/1',
  fetches: `curl/1 dbxquery/1 dbxoutput/1 webping ldapsearch/1 dnslookup jirarest/1 awssnsalert
    ldapfilter ldapfetch dnstwist`,
  crosses: 'federated/1 remotesearch rest/1 crawl',
}
const OF_APPS = `apply/1 fit/1 summary/1 listmodels score/1 sample cyberchef ut_parse_extended
  jellyfisher decrypt base64`

export const SPL_COMMANDS: ReadonlyMap<string, SplCommandInfo> = makeTable()

function makeTable(): ReadonlyMap<string, SplCommandInfo> {
  const table = new Map<string, SplCommandInfo>()
  const add = (text: string, info: Omit<SplCommandInfo, 'least'>) => {
    for (const entry of text.split(/\s+/)) {
      const [name = '', least = '0'] = entry.split('/')
      table.set(name, { ...info, least: Number(least) })
    }
  }
  const reading = { grammar: 'plain', isGenerating: false, effect: null } as const
  add(PLAIN, reading)
  add(OF_APPS, reading)
  add(GENERATING, { ...reading, isGenerating: true })
  for (const [effect, names] of Object.entries(EFFECTS)) {
    add(names, {
      ...reading,
      effect: effect as SplEffect,
      isGenerating: effect === 'fetches' || effect === 'crosses',
    })
  }
  add(STATS, { ...reading, grammar: 'stats' })
  add('tstats mstats', { ...reading, grammar: 'tstats', isGenerating: true })
  add('search', { ...reading, grammar: 'search', isGenerating: true })
  add('where', { ...reading, grammar: 'where' })
  add('eval', { ...reading, grammar: 'eval' })
  add('rename', { ...reading, grammar: 'rename' })
  return table
}
