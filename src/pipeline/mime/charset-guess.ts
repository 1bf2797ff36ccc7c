/** Which charset undeclared 8-bit text is in, told by the letters each would make of it. */

/** As many bytes as decide; the rest of a long text is in the same charset. */
const SAMPLE = 8 * 1024;

type Candidate = {
  readonly charset: string;
  /** Characters that most of a text in it is made of, and others that it may hold; everything else speaks against it. */
  readonly usual: RegExp;
  readonly possible: RegExp;
  /** Western letters stand among ASCII ones, others do not. */
  readonly western?: true;
};

const NONE = /[^\s\S]/;
const POINTS = '“”‘’„–—…«»·•€°©®™§ºª\u00a0';
const HAN =
  '的一是不了在有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离坏户帐账邮箱录登错误号客描述';
const TRADITIONAL_HAN =
  '的一是不了在有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可里後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先請幫助客戶登錯誤郵件址帳號密碼解決您謝題描述品網頁系統版權限設更資料單報表收付款項服務支援聯絡';
const HANGUL =
  '이다는을의에하고가로지은한도를사기시있어서리자인아해정나일대그안수과니부전구상주보원여면들게요장라스조경제성습합세우신물오만무선동모회비위관공화연소미생방문객계할없않됩입메감확탁드립와녕';
const ANY_HAN = /[一-龥，。：；！？、（）「」《》“”　【】]/;
const KANA = /[ぁ-んァ-ヶー、。「」・（）：！？　]/;

const western = (charset: string, usual: string, possible: RegExp = NONE): Candidate => ({
  charset,
  usual: new RegExp(`[${usual}]`),
  possible,
  western: true,
});
const other = (charset: string, usual: string, possible: RegExp = NONE): Candidate => ({
  charset,
  usual: new RegExp(`[${usual}]`),
  possible,
});

/** At a tie the earlier one. */
const CANDIDATES: readonly Candidate[] = [
  western('windows-1252', `áàâãäåçéèêëíìîïñóòôõöøúùûüœßÁÀÂÃÄÅÇÉÈÊËÍÓÔÕÖØÚÜÑ¿¡æ${POINTS}`, /[£´½²³×±µÌÎÏÙÛýŒÆ]/),
  western('windows-1254', `çğıöşüÇĞİÖŞÜâîû${POINTS}`),
  western('windows-1250', `ąćęłńóśźżĄĆĘŁŃÓŚŹŻ${POINTS}`),
  western('iso-8859-2', 'ąćęłńóśźżĄĆĘŁŃÓŚŹŻ'),
  other('windows-1251', `а-яёА-ЯЁ№${POINTS}`),
  other('koi8-r', 'а-яёА-ЯЁ'),
  other('ibm866', 'а-яёА-ЯЁ№'),
  other('windows-1256', `ء-غف-ْ،؛؟٠-٩${POINTS}`),
  other('windows-874', 'ก-ฮะ-ฺเ-๎๐-๙'),
  { charset: 'shift_jis', usual: KANA, possible: ANY_HAN },
  { charset: 'euc-jp', usual: KANA, possible: ANY_HAN },
  other('gb18030', `${HAN}，。：；！？、（）《》“”　`, ANY_HAN),
  other('big5', `${TRADITIONAL_HAN}，。：；！？、（）「」《》　`, ANY_HAN),
  other('euc-kr', HANGUL, /[가-힣，。：（）]/),
];

/** The charset whose usual letters the bytes spell best; `windows-1252` when none does better. */
export function guessCharset(bytes: Uint8Array): string {
  const sample = sampleOf(bytes);
  let best = { charset: 'windows-1252', score: -1 };
  for (const candidate of CANDIDATES) {
    const score = scoreOf(new TextDecoder(candidate.charset).decode(sample), candidate);
    if (score > best.score + 0.001) best = { charset: candidate.charset, score };
  }
  return best.charset;
}

/** Around the first 8-bit byte, whole lines where there are some: a multi-byte letter cut in two would speak against its charset. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  const first = Math.max(
    0,
    bytes.findIndex((byte) => byte >= 0x80),
  );
  const start = bytes.lastIndexOf(0x0a, first) + 1;
  if (start + SAMPLE >= bytes.length) return bytes.subarray(start);
  const end = bytes.lastIndexOf(0x0a, start + SAMPLE);
  return bytes.subarray(start, end > first ? end : start + SAMPLE);
}

/** From -3 to 1: how much of what is not ASCII is usual. */
function scoreOf(text: string, candidate: Candidate): number {
  let [sum, count, previous] = [0, 0, ''];
  for (const character of text) {
    const special = character.charCodeAt(0) >= 0x80;
    if (special) {
      count++;
      sum += pointsFor(character, previous, candidate);
    } else if (!candidate.western && previous.charCodeAt(0) >= 0xc0 && /[A-Za-z]/.test(character)) {
      sum -= 1;
    }
    previous = character;
  }
  return count === 0 ? -1 : sum / count;
}

/** Thai vowels and tones that stand on the consonant before them. */
const THAI_MARK = /[ัิ-ฺ็-๎]/;

function pointsFor(character: string, previous: string, { usual, possible, western: amongAscii }: Candidate): number {
  if (character === '\ufffd' || (character >= '\u0080' && character < '\u00a0')) return -3;
  if (!usual.test(character)) return possible.test(character) ? 0.3 : -1;
  if (amongAscii) return previous.charCodeAt(0) >= 0xc0 && /\p{L}/u.test(character) ? -0.5 : 1;
  if (/[A-Za-z]/.test(previous)) return -1;
  if (THAI_MARK.test(character)) return /[ก-๎]/.test(previous) ? 1 : -2;
  // Capitals inside a word are what a Cyrillic charset makes of its sister.
  return /\p{Ll}/u.test(previous) && /\p{Lu}/u.test(character) ? -1 : 1;
}
