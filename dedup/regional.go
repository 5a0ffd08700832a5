package dedup

// elsewhere are the words that begin with a character and that Taiwan and Hong
// Kong, or a common misprint, write otherwise than the mainland: pairs, in
// simplified characters, the longer before what it begins with. Only words of
// software and money are here, and only those that say one thing in either
// region: 资料 and 汇出 do not. A pair of equals keeps a word that only looks like
// one. No second word may hold a first one, so that replacing twice is replacing
// once.
func elsewhere(first rune) string {
	switch first {
	case '上':
		return "上载 上传"
	case '专':
		return "专案 项目"
	case '介':
		return "介面 界面"
	case '伺':
		return "伺服器 服务器"
	case '使':
		return "使用者 用户"
	case '信':
		return "信箱 邮箱"
	case '储':
		return "储存 保存 储值 充值"
	case '全':
		return "全萤幕 全屏 全荧幕 全屏"
	case '列':
		return "列印 打印"
	case '加':
		return "加值 充值"
	case '印':
		return "印表机 打印机"
	case '增':
		return "增加 增加"
	case '复':
		return "复盖 覆盖"
	case '大':
		return "大头贴 头像"
	case '字':
		return "字型 字体"
	case '安':
		return "安装 安装"
	case '客':
		return "客制化 定制 客制 定制"
	case '宽':
		return "宽频 宽带"
	case '应':
		return "应用程式 应用程序"
	case '当':
		return "当机立断 当机立断 当机 死机"
	case '影':
		return "影片 视频"
	case '快':
		return "快速键 快捷键"
	case '意':
		return "意见回馈 意见反馈"
	case '扩':
		return "扩充 扩展"
	case '推':
		return "推播 推送"
	case '提':
		return "提领 提现"
	case '搜':
		return "搜寻 搜索"
	case '支':
		return "支援 支持"
	case '方':
		return "方程式 方程式"
	case '无':
		return "无线上网 无线上网"
	case '显':
		return "显着 显著"
	case '最':
		return "最佳化 优化"
	case '档':
		return "档案 文件"
	case '流':
		return "流动装置 移动设备"
	case '滑':
		return "滑鼠 鼠标"
	case '点':
		return "点选 点击"
	case '甚':
		return "甚么 什么"
	case '电':
		return "电邮 邮件"
	case '登':
		return "登入 登录 登陆 登录"
	case '相':
		return "相片 照片"
	case '着':
		return "着名 著名 着作 著作 着称 著称"
	case '短':
		return "短讯 短信"
	case '硬':
		return "硬体 硬件 硬碟 硬盘"
	case '程':
		return "程式码 代码 程式 程序"
	case '简':
		return "简讯 短信"
	case '线':
		return "线上线下 线上线下 线上网 线上网 线上 在线"
	case '网':
		return "网路由 网路由 网路 网络 网际网路 互联网 网域 域名"
	case '自':
		return "自订 自定义"
	case '荧':
		return "荧幕 屏幕"
	case '萤':
		return "萤幕 屏幕"
	case '蓝':
		return "蓝芽 蓝牙"
	case '蚊':
		return "蚊账 蚊帐"
	case '行':
		return "行动装置 移动设备 行动支付 移动支付 行动版 移动版"
	case '装':
		return "装置 设备"
	case '触':
		return "触控 触摸"
	case '视':
		return "视讯 视频"
	case '解':
		return "解析度 分辨率"
	case '讯':
		return "讯息 消息 讯号 信号"
	case '记':
		return "记忆体 内存"
	case '设':
		return "设定 设置"
	case '语':
		return "语系 语言"
	case '账':
		return "账篷 帐篷 账幕 帐幕"
	case '贴':
		return "贴文 帖子 贴上 粘贴"
	case '资':
		return "资料夹 文件夹 资料库 数据库 资讯 信息"
	case '路':
		return "路线上 路线上"
	case '软':
		return "软体 软件"
	case '连':
		return "连结 链接 连线 连接"
	case '透':
		return "透过 通过"
	case '部':
		return "部落格 博客"
	case '重':
		return "重新整理 刷新"
	case '链':
		return "链结 链接"
	case '韧':
		return "韧体 固件"
	case '预':
		return "预设 默认"
	case '频':
		return "频宽 带宽"
	case '颠':
		return "颠复 颠覆"
	case '品':
		return "品质 质量"
	case '名':
		return "名着 名著"
	}
	return ""
}
