package bench

import "strings"

// What people of a wallet write about. A line is a subject or a wish in the
// words of several people: English before the equals sign, Chinese behind it.
const subjects = `transaction history|list of past transfers|activity page = 交易记录|转账历史|历史账单
CSV export|download of my transactions|spreadsheet file = 导出表格|导出账单|下载交易明细
login|sign in|logging in = 登录|登入|登陆页面
face unlock|fingerprint unlock|biometric login = 指纹解锁|面容解锁|刷脸登录
recovery phrase backup|seed backup|backup reminder = 备份助记词|助记词备份|备份提醒
network fee|gas fee|transfer fee = 手续费|矿工费|转账费用
fee estimate|suggested fee|fee slider = 手续费估算|推荐费率|费率滑块
balance|account total|shown balance = 余额|账户总额|显示的余额
pending transfer|stuck transfer|transaction that never confirms = 转账卡住|一直待确认|交易未确认
token list|list of coins|hidden tokens = 代币列表|币种列表|隐藏的代币
custom token|adding a token by contract|manual token = 自定义代币|手动添加代币|合约添加
network switch|choosing the network|chain selector = 切换网络|网络选择|选择主网
address book|saved contacts|list of recipients = 地址簿|常用联系人|收款人列表
QR scanner|scanning a code|camera scan = 扫码|二维码扫描|扫一扫
receive page|my own address|payment request = 收款页面|我的收款地址|收款码
price alert|alert when the price moves|price notification = 价格提醒|涨跌提醒|行情通知
push notification|message on arrival|incoming alert = 推送通知|到账提醒|消息推送
dark mode|night theme|dark colours = 深色模式|夜间主题|暗黑界面
font size|larger text|small letters = 字体大小|字号|文字太小
portfolio chart|graph of my assets|performance curve = 资产曲线|收益图表|走势图
fiat currency|display in my currency|exchange rate shown = 法币显示|本币计价|汇率换算
hardware wallet|ledger connection|external signer = 硬件钱包|冷钱包连接|外部签名
watch-only account|address to observe|read-only wallet = 观察钱包|只读账户|观察地址
several accounts|multiple wallets|switching wallets = 多账户|多个钱包|切换钱包
account name|wallet label|renaming a wallet = 账户名称|钱包备注|改名
multisig|shared wallet|two signatures = 多签|共管钱包|多人签名
staking|staking rewards|delegation = 质押|质押收益|委托
swap|built-in exchange|trading pair = 闪兑|内置兑换|兑换功能
swap slippage|price difference of the swap|slippage setting = 滑点|兑换滑点|滑点设置
NFT gallery|collectibles page|pictures of my NFTs = NFT 展示|藏品页面|数字藏品
dApp browser|web3 page|connecting to a site = 应用浏览器|网页连接|打开去中心化应用
WalletConnect|pairing with a site|connection request = 钱包连接|扫码连接|连接请求
token approval|allowance list|revoking permissions = 授权管理|代币授权|取消授权
signature request|message to sign|blind signing = 签名请求|消息签名|盲签
phishing warning|scam address warning|fake token = 钓鱼提醒|诈骗地址提示|假币提醒
transaction note|memo field|comment on a transfer = 转账备注|备注栏|附言
memo tag|destination tag|exchange deposit tag = 地址标签|充值标签|交易所标签
cancel transaction|speeding up a transfer|replace by fee = 取消交易|加速交易|替换交易
batch transfer|sending to many|payroll payment = 批量转账|一次转多人|批量发放
scheduled payment|recurring transfer|standing order = 定时转账|周期转账|定期付款
widget|home screen tile|price widget = 桌面小组件|小部件|首页卡片
Apple Watch|watch app|wrist view = 手表应用|手表端|手表查看
desktop app|computer version|browser extension = 电脑版|浏览器插件|桌面端
tablet layout|iPad screen|landscape view = 平板布局|横屏显示|平板适配
language setting|translation|wrong words in my language = 语言设置|翻译|中文显示
tax report|yearly statement|report for the accountant = 税务报表|年度报表|对账单
customer support|answer from support|help chat = 客服|人工客服|在线帮助
identity check|KYC upload|document verification = 身份认证|实名认证|证件上传
card payment|buying with a card|bank purchase = 刷卡购买|银行卡买币|快捷买币
withdrawal to bank|cash out|selling coins = 提现到银行卡|出金|卖币
withdrawal limit|daily limit|raising my limit = 提现限额|每日限额|提高额度
two-factor code|authenticator|text message code = 两步验证|验证码|短信验证
PIN code|app password|lock timer = 密码锁|应用密码|自动锁定
lost phone|moving to a new phone|restoring the wallet = 换手机|手机丢了|恢复钱包
sync|device synchronisation|cloud backup = 同步|多设备同步|云备份
app start|loading screen|opening the app = 启动速度|加载页面|打开应用
search|finding a transaction|filter by date = 搜索|查找交易|按日期筛选
referral bonus|invite code|reward for friends = 邀请奖励|邀请码|返佣
airdrop|claiming tokens|reward claim = 空投|领取空投|奖励领取
block explorer|link to the explorer|transaction details = 区块浏览器|浏览器链接|交易详情`

const wishes = `does not load|never finishes loading|stays empty = 一直加载不出来|打不开|显示空白
crashes|closes by itself|kills the app = 闪退|自动退出|一点就崩溃
is much too slow|takes ages|needs half a minute = 太慢了|要等很久|卡得厉害
shows the wrong amount|is off by a lot|does not add up = 金额不对|数字对不上|显示错误
is hard to find|is hidden too deep|took me ages to find = 太难找了|藏得太深|找不到入口
is missing|is not there any more|disappeared after the update = 不见了|更新后没有了|消失了
should be easier|needs fewer steps|could be one tap = 步骤太多|希望更简单|最好一键完成
should show more detail|needs an explanation|tells me too little = 信息太少|希望显示更多细节|没有说明
should remember my choice|forgets my settings every time|resets itself = 记不住选择|每次都要重设|设置会丢
should be optional|cannot be switched off|I want to turn off = 希望可以关闭|关不掉|想要可选
should support more networks|only works on one chain|lacks my network = 希望支持更多链|只支持一条链|不支持我的网络
gives an error|fails with a code|says unknown error = 报错|提示未知错误|失败
asks again and again|keeps asking for confirmation|loops = 反复要求确认|一直重复|循环弹窗
is too expensive|costs more than the transfer|is higher than elsewhere = 太贵了|比转的钱还多|比别家高
should work offline|needs a connection for everything|stops without network = 希望离线可用|没网就用不了|断网失败
should be sortable|has the wrong order|cannot be sorted by date = 希望可以排序|顺序不对|不能按时间排
is not translated|is half in English|uses words nobody understands = 没有翻译|一半是英文|看不懂
arrives too late|comes hours later|is delayed = 来得太晚|延迟几个小时|收不到
is confusing|makes me afraid of a mistake|is not clear = 看不明白|容易点错|不清楚
should be faster to copy|cannot be copied|copies the wrong thing = 不能复制|复制错了|希望一键复制
should be shareable|cannot be shared|has no share button = 不能分享|没有分享按钮|希望能分享
needs a confirmation|happens without asking|is too easy to hit = 没有二次确认|误触|希望先确认
should have a filter|needs filtering by coin|mixes everything = 需要筛选|希望按币种过滤|混在一起
breaks on large text|is cut off|overlaps the button = 被截断|和按钮重叠|显示不全
should be available for teams|needs several users|only one person can use = 希望支持团队|只能一个人用|需要多人权限
drains the battery|uses too much data|makes the phone hot = 太耗电|费流量|手机发烫`

const openings = `hi team,|hello,|please|I think|since the last update|on my phone|as a long time user,|honestly|for weeks now|today|when I travel|every single time|again:|dear developers,|just a thought:|to be fair,|at work we notice that|my father says|it seems|yesterday evening||||||||| = 你好，|请问一下，|更新之后|我觉得|最近|作为老用户，|说实话，|每次|今天|手机上|出差的时候|建议：|反馈一下，|家里老人说|昨天晚上|||||||||`

const details = `I already tried to reinstall|my friend has the same|other wallets can do this|it worked in the old version|I lost an hour because of it|support told me to wait|the button does nothing|I had to write the address down|I only noticed by accident|nothing arrived so far|the screen flashes and goes back|it happens with mobile data too|I restarted twice|there is no message at all|the amount is small but still|I use it every day|we pay our people with it|I cannot show it to my accountant|the second try worked|it is the same on the tablet = 重装过也没用|朋友也遇到了|别的钱包可以|旧版本是好的|浪费了一个小时|客服让我等|按钮没反应|只能自己抄下来|无意中才发现|到现在没到账|屏幕闪一下就退回去|用流量也一样|重启了两次|没有任何提示|金额不大但是着急|我每天都用|我们用它发工资|没法给会计看|第二次才成功|平板上也一样`

const closings = `please fix it|thank you|would be great|is this planned?|any news?|can you add that?|I would even pay for it|otherwise a good app|I wait for an answer|please look into it||||||| = 请修复一下|谢谢|希望能加上|有计划吗？|什么时候能好？|求支持|其他都很好用|等回复|麻烦看一下|拜托了|||||||`

// Single words that fill a text up; the first are the most frequent.
const fillers = `app screen phone version account button list amount coin address money time day page option update bitcoin menu device network send number error wallets name code fee setting window card value date week friend exchange month minute check order icon top corner bottom field link text message step key part price rate history group file total color line image place detail support report bank store team keyboard signal storage camera server chain block node contract bridge stable pool yield reward lending farm deposit receipt invoice salary rent market trader student mother office home train hotel holiday border currency dollar euro yuan pound won yen Android iOS Pixel Samsung Huawei Xiaomi Chrome Safari Firefox Windows Linux Mac Ethereum Tron Solana Polygon Arbitrum Optimism Base Avalanche Cosmos Litecoin Dogecoin Monero stablecoin testnet mainnet layer rollup wrapped native gas gwei nonce hash mempool fork validator epoch slot oracle vault ledger trezor passphrase derivation path index signer quorum policy audit log tooltip banner modal drawer tab swipe gesture haptic contrast accessibility voiceover zoom margin layout`

const fillersZH = `手机 界面 版本 账户 按钮 列表 数量 币种 地址 时间 页面 选项 更新 菜单 设备 网络 发送 号码 提示 名称 设置 窗口 银行卡 日期 朋友 交易所 分钟 图标 右上角 底部 链接 文字 消息 步骤 价格 汇率 文件 总额 颜色 图片 位置 详情 报表 应用商店 团队 键盘 信号 存储 相机 服务器 主链 区块 节点 合约 跨链桥 稳定币 流动池 收益 奖励 借贷 充值 收据 发票 工资 房租 市场 学生 妈妈 公司 家里 高铁 酒店 假期 货币 美元 欧元 人民币 日元 安卓 苹果 华为 小米 三星 谷歌浏览器 以太坊 波场 比特币 莱特币 狗狗币 测试网 主网 打包 原生 燃料费 哈希 内存池 分叉 验证人 预言机 金库 派生路径 签名人 策略 审计 日志 横幅 弹窗 标签页 手势 震动 对比度 无障碍 缩放 布局`

// Names nobody has heard of are the long tail of every real vocabulary.
const syllables = `zen tor bal mir kas lo ven dra pix ul qua ner fi sto mag re bo lin cha ax tam ope du sil gra hex mon ry eth ka vol nim par sun tec`
const syllablesZH = `星 云 海 金 龙 通 达 宝 汇 银 链 信 安 易 联 合 创 新 天 元 极 光 飞 鸿 博 雅 瑞 丰 泰 恒`

// variants are the ways people put one thing, in each language.
type variants struct{ en, zh []string }

// pairs reads lines of "a|b = 甲|乙".
func pairs(lines string) []variants {
	var out []variants
	for line := range strings.Lines(lines) {
		en, zh, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " = ")
		out = append(out, variants{strings.Split(en, "|"), strings.Split(zh, "|")})
	}
	return out
}
