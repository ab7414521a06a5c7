// Words that stand in passwords over and over, as people who guess try them first: what one is asked
// for, loves, does, and works with; names, months, places, teams. Lower case, three letters or more.

export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `
  correct battery staple access account active admin administrator analyst backup change changeme cisco citrix company
  computer console control database default demo desktop developer dragon exchange firewall guest
  hello help hunter hunter2 incident internet job keyboard keychain laptop letmein linux login logon
  magic manager master matrix microsoft monitor network nothing office operator oracle pass passcode
  passphrase password passwd passwort private production public root router secret secure security
  server service setup shadow signin soc staging start super superuser support switch system temp
  temporary test tester testing trust trustno user username vagrant virtual web welcome windows winner
  work xyzzy please whatever unknown sudo rules rule alert alerts engineer viewer owner operations
  angel baby babygirl baseball basketball batman beautiful beer bitch boss butterfly cheese chicken
  chocolate cookie cool coffee diamond donald eagle family fire flower football forever freedom friend
  friends fuck fuckyou game gamer gandalf ginger gold golden golf guitar happy harley heart heaven
  hockey horse hottie iloveyou jesus killer king kitten knight life liverpool love lovely lover lucky
  mercedes merlin money monkey monster mother music mustang naruto nicole ninja orange peace pepper
  phoenix pirate player pokemon porsche power prince princess purple qazwsx qwerty rainbow ranger
  rocket samsung sexy silver skywalker snoopy soccer spiderman starwars storm summer sunshine superman
  sweet taylor thunder tiger tigger trinity turtle victory vikings wizard wolf yellow
  alex alexander amanda andrea andrew angela anna anthony ashley austin barbara benjamin brandon
  brian buster carlos charles charlie chris christian daniel david dennis edward elizabeth emily emma
  eric george hannah harry jack jackson jacob james jason jennifer jessica john johnny jonathan jordan
  joseph joshua justin karen kevin laura lauren linda lisa louise lucas maggie maria marie martin mary
  matthew max maximus megan melissa michael michelle mickey molly natalie nathan nicholas oliver
  olivia patrick paul peter rachel rebecca richard robert ryan samantha sandra sarah scott sophie
  stephanie steven susan thomas tyler victoria vincent william zoe
  january february march april may june july august september october november december spring
  autumn winter monday tuesday wednesday thursday friday saturday sunday morning night today
  amsterdam america arsenal barcelona berlin boston chelsea chicago dallas england europe france
  germany india ireland italy london madrid manchester mexico newyork paris rangers scotland spain
  sydney texas tokyo toronto vienna wales zurich the and you one two three four five our your this
  that for not are all from with let mein ist und der die das mot passe azerty soleil hallo geheim
  contraseña hola amor bonjour senha wachtwoord zaq xsw
  `
    .trim()
    .split(/\s+/),
)
