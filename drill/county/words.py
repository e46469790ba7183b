"""Invented names: of places, waters and people, with their pinyin."""

from __future__ import annotations


def _listed(names: str) -> list[str]:
    return names.split()


SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = _listed(
    "建国 志强 海燕 秀英 伟民 永康 小红 国华 晓东 美玲 立军 春燕 德胜 文杰 丽华 大明 玉兰 振宇 海峰 金凤"
    " 永福 爱珍 卫东 雅琴 世杰 云飞 桂芳 宏伟 彩霞 长青 雪梅 俊杰 利民 红梅 光明 素珍 庆华 春生 月娥 天佑"
)

VILLAGES = _listed(
    "上塘 下塘 前湾 后湾 东岙 西岙 大岭 小岭 石门 沙头 盐仓 渔浦 樟坑 竹坑 梅坑 柏坑 桥头 溪口 山下 海口"
    " 高坪 平岩 龙潭 凤山 松岙 枫林 茶园 桃源 柿林 银杏 新塘 老塘 南浦 北浦 中堡 上堡 下堡 乌岩 白岩 黄岩岙"
    " 青山 碧水 云峰 月湾 星湾 长岗 双峰 三眼井"
)

HAMLETS = _listed("里坑 外坑 岩下 水口 坝头 塘边 坡脚 沟口 石坎 滩头 半山 老街")

STREAMS = _listed(
    "大塘溪 清水溪 白岩溪 松林溪 石门溪 北山溪 竹溪 梅溪 龙潭溪 双溪 凤凰溪 柏溪 南渡港 东门港 长坑溪 樟溪"
)

RESERVOIRS = _listed("龙潭 白岩 松林 双溪 竹岭 石门 清源 梅坞 凤凰 云峰 长坑 仙岩")

SLUICES = _listed("南渡闸 北塘闸 新塘闸 海门闸 大塘港闸 东门闸")

RAIN_PLACES = _listed("岭头 坑口 山腰 谷底 水文点 林场 茶场 学校 村委 垭口")

_ENDINGS = {
    "街道": "Subdistrict",
    "镇": "Town",
    "乡": "Township",
    "村": "Village",
    "溪": "Creek",
    "港": "Channel",
    "水库": "Reservoir",
    "闸": "Sluice",
}


def english(name: str) -> str:
    """Pinyin of a Chinese name, with a known ending as an English word: 白岩溪 → Baiyan Creek."""
    for ending, word in _ENDINGS.items():
        if name.endswith(ending) and len(name) > len(ending):
            return f"{_joined(name[: -len(ending)])} {word}"
    return _joined(name)


def person_name(number: int) -> str:
    """The n-th invented person; distinct for the first 1,600."""
    surname = SURNAMES[(number * 7) % len(SURNAMES)]
    given = GIVEN[(number + number // len(SURNAMES)) % len(GIVEN)]
    return surname + given


def _joined(name: str) -> str:
    # Its dictionaries take 40 MB, and only the generator needs them.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(name, style=Style.NORMAL)).capitalize()
