"""Which characters the network of single characters learns, and how often it meets each."""

from __future__ import annotations

from itertools import chain

from pipeline.values.region_table import CITIES, DISTRICTS, PROVINCES

__all__ = ["shares_of", "signs_to_learn"]

# Of GB 2312's second level and beyond: what places, given names and 字号 are written with.
RARER = (
    "丕丞亘亟亳仝仞伉伽佗佘佟佶佼侃侑侬俨俪俸倩偃偌偬僖儆儋兖凇刈剀剡劭勐卅厝厶叡叻呗哒唛喃喆嘏囝囡囫囿圮圳圹圻坂坌坨坩坭坳坻垅垌垓垚垠垡垧垭垲埒埕埘埙埝埤埭"
    "堃堍堙堞塍塬墀墁墉壅壑夔夙奂奕奘奚妃妍妞妤妫妯姒姗姘姝姣娅娆婀婕婧婵婷婺媛嫒嫣嫦嬴孚孢孳宓宕宥宸寮尕岐岑岘岙岚岢岫岬岱岷岽峁峄峋峒峤峥崂崃崆崛崤崧崮崴崽"
    "嵊嵋嵘嵩嵫嶂嶙巅帏幄幔幡庠庵庹廪廿弈弋彗彧徇徕怡恂恺恽悌惇愫懋懿扈挹揆撷攸斐旌旎旖旻昀昇昊昕昙昝昱晁晏晔晖晗晞晟暄暌暨曜曦朐杞杼枞枭枸柁柘柚柢柽栎栾桁桉"
    "桢桦桧桴桷梓梵棣棹椁楠楣榄榕榛榭槎槿樯樾橄橘檩欤歆歙毓氡氤氩汜汨汩沅沔沣沩沭沱泓泗泮泱泷泸泾洙洮洹洺浈浏浒浔浠涑涔涞涠涿淅淇淝淞淦淼渌渑渚湄湉湎湔湜湟溆"
    "溧溱滏滕滟滢滹漉漕漪漯潇潋潢潼澍澧澹濂濉濠濮濯瀍瀚瀛灏灞炜烨焱煜猇玥玮玺珀珂珅珈珏珞珩珺琦琨琪琬琰瑄瑗瑙瑛瑜瑷瑾璀璇璋璎璐璜璞璟璠璧璨瓒瓯甬甯畈畲疃皎皓"
    "盱眙眸睢睿瞿砀砭砺砼硖硚碚碣磬磴礴祎祠祯祺禀禅禛禧秣秭稔稷竑竺笙筠筱筵箐箫箬篁籁粲粼纨绂绛绫绮绯绶绾缇缙缜缤缦罘罡羟羧羲翀翊翎翡翦耆耦聆聿胤胥胪胭腈膑膦"
    "臧艮芃芈芊芑芗芙芨芪芫芮芷芸苄苋苎苒苓苕苜苡苷茉茌茏茑茕茗茜茭茯荀荃荇荑荛荟荥荦荨荻莅莒莓莘莞莠莨莳莴莺菀菁菅菖菘菡菰萃萦萱葆葭葳蒌蒗蒯蒴蒿蓁蓓蓥蓼蔺蕃"
    "蕙蕲薇薏薤藁虔蚝蛟蜓蠡衢衿裟褚覃觞訇诃诏诒诘诙诠诩诰谌谙谛谟谧谪貅貔贲贶贻赉赓赟趵踔蹇轲轶轸轺辂辋迦逑逖逦逵遐遒遨遴邃邈邗邛邡邬邰邳邸郅郇郓郗郜郦郫郯鄄"
    "鄞鄠鄢鄣鄯鄱酃酆酩鑫钊钛钜钰钴钼铄铎铖铟铠铧铨锂锆锜锟锴锶镓镕闫闵阆阏阖阙阚阡阪陂陉隗隰隽雒雯雱霁霆韬颉颍颢飒飓馥驷骁骅骊骐骠骥骧鲲鳌鳐鸠鸢鸨鸾鹄鹫鹭麒"
    "麟黛黟黠黼鼐"
)  # fmt: skip

# What trades, places and given names of organisations are written with, beside the names of regions.
COMMON = (
    "一七万三上下专业东丝中丰久义乐九乡书乳事二云五交产亮人亿仁仓付代仪仲件任份众优会伟传估佑体作佳供侦便保信修俱健储儿元光兔八公六兰共关兴具典养兽册再农冬冷"
    "准凝凤出分刑划创利制刷券刻前副力办加务劳勇勘包化北区医十千升卉华协卓单卖南博卫印厂厅厨县友发口台右号司合吉同后吧告员和咨品售商善喜器四回因团园国图圃土地"
    "场培基塑增壮壳处备复夏外大天头奶妆妇委娱婚媒子字孝学宁安宏定宝实宠客室家容宾富察导寿小局层居届展属山川州工左市师帽平幼广庆应店府废康廉建开强当录彩影律微"
    "德心忠快急总恒息慈房所打托批承技投报担拍控援摄摩播收政救教敬文料新旅旗日旧旺昌明易星春晨晶智暖月有服期木术机杂李杏材村杨松林果枫柏染柳标栋栖校桂桃案桐档"
    "梅梨械检棉森植楼樟模樱橙橡次正残殖毛民气水永汇江汽河油泉法波泥注泰泳泵泽洁洋派流测浴海消涛润混港游湖源溪满激灯灰炉炭烟热煌煤照燃爱牌牛牧物特狗狮猫猴玉玩"
    "环现玻珠理琴瑞璃瓦瓷生用电畅畜疗疾登白百皮盈益监盛盟省真督石矿码砂研砖硬磊礼社祥票禄福秋种科租程税究空站章竹第筑策管箱米粮精糖紫红纳纸纺线细织经绘络维绸"
    "绿缘缝网置羊美群翠翻老耻职联聚肉股育胶能腔腾自航舶船良艺节花苗茶荣药荷莲菊菜营蓝蔬虎虫虹行街裁装裕西规视览角计认讫训讯记设证评诊译试诚询调谐象财责货质贵"
    "贸赁资赢超越跃路身车轨软轴辉输达运进远连递通速造道遣部配酒采量金鉴针钢钻铁铅铜铝银铸链销锁锅锌镇长门阀队防阳际限院险陶障雄集雨雪零雷霞青革鞋顺风飞食餐饮"
    "饰馆马验骏骑鱼鲜鸟鸡鹏鹤鹰黄黑鼎龙"
)  # fmt: skip


def signs_to_learn() -> str:
    """GB 2312's first level (3 755 characters), rarer ones that names hold, brackets, digits."""
    first = "".join(
        bytes((high, low)).decode("gb2312")
        for high in range(0xB0, 0xD8)
        for low in range(0xA1, 0xFF)
        if not (high == 0xD7 and low > 0xF9)
    )
    return "".join(dict.fromkeys(first + "".join(RARER) + "（）0123456789"))


def shares_of(signs: str) -> list[float]:
    """How often each sign is drawn: what names are made of three times as often, rare characters half as often."""
    regions = "".join((*PROVINCES, *chain(*CITIES.values()), *chain(*DISTRICTS.values())))
    often = {*"".join(COMMON), *regions, *"（）"}
    rare = set("".join(RARER)) - often
    return [3.0 if s in often else 0.5 if s in rare else 1.0 for s in signs]
