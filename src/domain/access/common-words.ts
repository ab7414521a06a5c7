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
  airborne asshole atlantis bigdaddy bismillah blackcat blackhawk blink blizzard bluebird bradford
  brooklyn bubbles buddy bulldogs bullshit butthead california cardinal carolina caroline catalina
  champion charlotte cherokee chester chevrolet christopher chrysler clarinet cocacola coltrane
  columbia commander concrete corvette cosworth cowboy cowboys cristina crystal czechout darkside
  dickhead dolphins drummer dynamite eclipse einstein electric enterprise everlast explorer
  fantasia ferrari fishing flamingo florence franklin gabriel galaxy garfield gateway geronimo
  giants godzilla gonzales goodluck gorgeous guinness hamilton hannibal hardcore hawaii heather
  hellokitty hercules highland homepage honolulu hotstuff idontknow illinois impala imperial
  infinity insane integral isabelle jasmine jupiter just4fun juventus katherine kawasaki kimberly
  knickers kristina lakers lasvegas leonardo lollipop longhorn macintosh magnolia marathon
  margaret marlboro marseille marshall mazda meatloaf megadeth melanie metallica microlab million
  milwaukee minnesota mitchell mohammed montana montreal moonlight motorola mountain mulligan
  napoleon nascar nautilus nebraska nirvana oblivion oldschool olympics pacific packers panther
  paradise patricia pavilion peaches peekaboo personal picture pinkfloyd pitbull platinum playboy
  pleasure popcorn portland precious predator pringles punisher pussycat raiders rammstein
  randolph rasputin razorback redneck redskins redwings remember renegade research richmond
  robinson rocknroll ronaldo rosebud sandiego santiago saratoga sausages scarface schooner scooter
  scorpion seahawks sebastian semperfi sergeant shamrock sheffield shithead shopping showtime
  simpsons slapshot slipknot smashing snickers snowball snowboard socrates software solution
  southpark sprinter squirrel srinivas standard stargate steelers stephens sterling stingray
  strawberry streamer student sublime sullivan sundance surprise survivor swimming swinging
  swordfish sylvania sylvester tarheels teacher teddybear teenager telephone terminal theodore
  thirteen thompson thumper timothy titanic tomorrow topgun toshiba tottenham training treasure
  triumph trooper tunafish turkey tweety twilight universe valentin valhalla valleywa vanessa
  veronica violator virginia voyager warcraft warhammer warlock warriors waterloo watermelon
  westside whiskers whistler wildcats windmill winston wisdom wolverine woodland wrestler wrinkle
  yamaha yankees yosemite zachary zeppelin
  `
    .trim()
    .split(/\s+/),
)
