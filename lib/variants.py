"""字体 of names folded for searching: 高橋 finds 髙橋, 斉藤 finds 齋藤. Never for what is kept or shown (docs/adr/0039)."""

import re

from lib.text import search_key

# Letters that people take for one and the same in a name, the first of each group for all of it: old forms of 常用漢字 and
# 人名用漢字, and what registers of names write. Broad on purpose: one person found too many is seen at once, one who is
# not found is entered a second time. What NFKC joins by itself (lib.text.search_key) is not listed.
_GROUPS = """
㐂喜 万萬 丈𠀋 与與 世卋 丘坵 両兩 並竝 乗乘 乱亂 亀龜 予豫 争爭 亘亙 亜亞 仏佛 仙僊 仮假 会會 伝傳 体躰體 余餘 併倂 侠俠 価價
侯候矦 倶俱 倹儉 偸偷 偽僞 克剋 兎兔 児兒 党黨 円圓 写寫 凛凜 処處 剣劍劒劔 剤劑 剥剝 剰剩 励勵 労勞 効效 勇勈 勧勸 勲勛勳 区區
医醫 卯夘 即卽 厨廚 厳嚴 参參 双雙 収收 叙敍敘 台臺 叱𠮟 号號 吉𠮷 呂吕 呉吳 哲喆 唖啞 喩喻 営營 嘘噓 嘱囑 噛嚙 団團 囲圍 図圖
国囯圀國 圏圈 土圡 圧壓 圭珪 坂阪 堕墮 塁壘 塩鹽 填塡 増增 壊壞 壌壤 壮壯 声聲 壱壹 売賣 壺壷 変變 多夛 奥奧 奨奬 妊姙 姉姊 姫姬
娯娛 嬢孃 学學斈 宝寳寶 実實 家冢 富冨 寛寬 対對 寿壽 専專耑 将將 尚尙 尭堯 尽盡 届屆 屏屛 属屬 岡崗 岩嵒 岳嶽 峠㟁 峡峽 峰峯
島嶋嶌 峻埈 崎嵜碕﨑 巌嵓巖 州洲 巣巢 帯帶 帰歸 并幷 庁廳 広廣 庄荘莊 廃廢 廏厩 弁瓣辧辨辯 弐貳 弥彌 弾彈 当當 彦彥 往徃 径徑 従從
徳德 徴徵 応應 恋戀 恒恆 恵惠 悦悅 悩惱 悪惡 惨慘 慎愼 懐懷 戦戰 戯戲 戸戶 払拂 抜拔 択擇 担擔 拝拜 拠據 拡擴 挙擧 挟挾 挿插
捜搜 掲揭 掴摑 掻搔 揺搖 摂攝 撃擊 撹攪 攅攢 攷考 数數 斉亝斎齊齋 断斷 旧舊 昂昻 昼晝 晃晄 晋晉 暁曉 暦曆 曻昇 曽曾 杉杦 村邨
条條 来來 杯盃 杰傑 松枩柗 枢樞 柳栁 柿枾 栄榮 桑桒 桜櫻 桟棧 桧檜 梁樑 梅楳 梼檮 検檢 楼樓 楽樂 概槪 様樣 槙槇 権權 横橫 橋槗
欧歐 歎嘆 歓歡 歩步 歯齒 歳歲 歴歷 残殘 殴毆 殻殼 毎每 毘毗 気氣 氷冰 沖冲 沢澤 浄淨 浅淺 浜濱濵 涌湧 涙淚 涛濤 涼凉 淵渊渕 清淸
済濟 渋澀澁 渓溪谿 温溫 湊凑 湾灣 湿濕 満滿 溌潑 滝瀧 滞滯 潅灌 潜潛 瀬瀨 灯燈 炉爐 点點 為爲 焔焰 焼燒 煕凞熙 爾尓 犠犧 状狀
独獨 狭狹 猟獵 献獻 獣獸 瑶瑤 瓶甁 産產 町甼 画畫 畑畠 異异 畳疊 疎疏 痩瘦 痴癡 発發 皐皋 盗盜 県縣 真眞 研硏 砕碎 砺礪 礒磯
礼禮 祢禰 祷禱 禄祿 禅禪 秋穐龝 秘祕 称稱 税稅 稲稻 穂穗 穏穩 穣穰 窪漥 竃竈 竜龍 簑蓑 籠篭 粋粹 粛肅 糸絲 経經 絵繪 継繼 続續
総總 緑綠 緒緖 縄繩 縦縱 繊纖 繋繫 缶罐 美羙 群羣 翠翆 翻飜 耀燿 聡聰 聴聽 胆膽 脇脅 脩修 脳腦 臓臟 舎舍 舘館 船舩 艶艷 芦蘆
芸藝 苅刈 茎莖 荊荆 莱萊 萌萠 葉叶 蒋蔣 蒔莳 蔵藏 薗園 薫薰 薬藥 薮藪 藤籐 蘇蘓 虎乕 虚虛 虫蟲 蚕蠶 蛍螢 蛎蠣 蛮蠻 蝉蟬 蝋蠟
蟹蠏 衛衞 装裝 裡裏 褒襃 覇霸 覚覺 覧覽 観觀 触觸 訳譯 証證 誉譽 説說 読讀 諌諫 謡謠 譲讓 讃讚 豆荳 豊豐 賎賤 賛贊 践踐 躯軀
転轉 軽輕 辞辭 辺邉邊 迩邇 逓遞 遅遲 遠逺 遥遙 郎郞 郷鄕 酔醉 醤醬 醸釀 采釆 釈釋 野埜 金釡 鈎鉤 鉄銕鐡鐵 鉱鑛 銭錢 鋭銳 鋳鑄
錬鍊 録錄 鎮鎭 鑓鎗 閒間 関關 閲閱 闘鬪 陥陷 険險 随隨 隠隱 隣鄰 隷隸 雁鴈 雑雜 霊靈 青靑 静靜 靭靱 頚頸 頬頰 頼賴 顔顏 顕顯
餅餠 駅驛 駈駆驅 騒騷 験驗 騨驒 髄髓 高髙 髪髮 鯵鰺 鴎鷗 鴬鶯 鶏雞鷄 鶴靍靏 鹸鹼 麦麥 麹麴 麺麵 黄黃 黒黑 黙默 齢齡
"""
_LETTERS = {ord(letter): group[0] for group in _GROUPS.split() for letter in group[1:]}
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_REPEATED = re.compile(r"([^\s々])(々+)")
# Older personnel systems write readings without small letters: シヨウジ for ショウジ.
_SMALL_KANA = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")


def groups() -> list[str]:
    """Return the letters that are searched as one, a group a string."""
    return _GROUPS.split()


def name_key(text: str) -> str:
    """Return the form under which names of people are searched: `search_key`, and one letter for all its 字体.

    Variation selectors go, 々 becomes the letter it repeats, small kana become large ones. The key of a key is that key.
    """
    folded = _VARIATION_SELECTORS.sub("", search_key(text)).translate(_LETTERS)
    return _REPEATED.sub(lambda found: found[1] * len(found[0]), folded).translate(_SMALL_KANA).strip()


def person_key(name: str, kana: str, former_name: str) -> str:
    """Return what one person is found by: name, reading and 旧姓, each as written and without its spaces."""
    apart = [name_key(text) for text in (name, kana, former_name)]
    joined = [text.replace(" ", "") for text in apart]
    return " ".join(dict.fromkeys(text for text in (*apart, *joined) if text))
