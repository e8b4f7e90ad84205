/* OFP 1.0, the Open Force Plate protocol: docs/protocols/ofp.md.
   Made by python -m otolith.drivers.ofp.publish; do not edit.
   You may use, copy and change this file for any purpose, without conditions (CC0-1.0).
   All numbers are little-endian; the structs are packed and end where the CRC-32C begins, unless they hold it. */
#ifndef OFP_H
#define OFP_H

#include <stdint.h>

#define OFP_VERSION 0x0100u
#define OFP_USB_VENDOR 0x1209u
#define OFP_USB_TEST_PRODUCT 0x0001u
#define OFP_USB_CLASS 0xFFu
#define OFP_USB_SUBCLASS 0x46u
#define OFP_USB_PROTOCOL 0x01u
#define OFP_ENDPOINT_IN 0x81u
#define OFP_ENDPOINT_OUT 0x01u
#define OFP_DATA_MARK 0xA5u
#define OFP_ASK_MARK 0xA6u
#define OFP_ANSWER_MARK 0xA7u
#define OFP_WIRE_VERSION 0x01u
#define OFP_PATTERN_STEP 0x9E3779B1u
#define OFP_PATTERN_SPREAD 0x85EBCA6Bu
#define OFP_PACKET 64
#define OFP_VALUES 10
#define OFP_RECORD 512
#define OFP_MAGIC "OFP1"
#define OFP_UNLOCK_TEXT "OFP unlock"

#define OFP_REQUEST_GET_INFO 0x01u
#define OFP_REQUEST_GET_CAL 0x02u
#define OFP_REQUEST_SET_RATE 0x03u
#define OFP_REQUEST_START 0x04u
#define OFP_REQUEST_STOP 0x05u
#define OFP_REQUEST_TARE 0x06u
#define OFP_REQUEST_STATUS 0x07u
#define OFP_REQUEST_SET_CAL 0x08u
#define OFP_REQUEST_TIMESYNC 0x09u
#define OFP_REQUEST_GET_LAYOUT 0x0Au
#define OFP_REQUEST_UNLOCK 0x0Bu
#define OFP_REQUEST_IDENTIFY 0x0Cu
#define OFP_REQUEST_MS_OS_20 0x20u
#define OFP_REQUEST_WEBUSB 0x21u

#define OFP_CAN_TARE 0x01u
#define OFP_CAN_SET_CAL 0x02u
#define OFP_CAN_IDENTIFY 0x04u
#define OFP_CAN_SIMULATED 0x8000u

#define OFP_STATUS_OVERRUN 0x01u
#define OFP_STATUS_SATURATED 0x02u
#define OFP_STATUS_TARED 0x04u
#define OFP_STATUS_LOW_SUPPLY 0x08u
#define OFP_STATUS_TEST_PATTERN 0x10u
#define OFP_STATUS_CHANNEL_ERROR 0x20u
#define OFP_STATUS_INVALID 0x40u

#define OFP_MODE_IDLE 0x00u
#define OFP_MODE_SAMPLES 0x01u
#define OFP_MODE_PATTERN 0x02u

#define OFP_REFUSAL_NONE 0x00u
#define OFP_REFUSAL_UNKNOWN_REQUEST 0x01u
#define OFP_REFUSAL_WRONG_LENGTH 0x02u
#define OFP_REFUSAL_OUT_OF_RANGE 0x03u
#define OFP_REFUSAL_BUSY 0x04u
#define OFP_REFUSAL_LOCKED 0x05u
#define OFP_REFUSAL_WRONG_CRC 0x06u
#define OFP_REFUSAL_UNSUPPORTED 0x07u
#define OFP_REFUSAL_HARDWARE 0x08u

#define OFP_QUANTITY_CELL 0x00u
#define OFP_QUANTITY_FX 0x01u
#define OFP_QUANTITY_FY 0x02u
#define OFP_QUANTITY_FZ 0x03u
#define OFP_QUANTITY_MX 0x04u
#define OFP_QUANTITY_MY 0x05u
#define OFP_QUANTITY_MZ 0x06u

/* CRC-32C of data, bit by bit; a table or the processor's own instruction gives the same. */
static inline uint32_t ofp_crc32c(const void *data, uint32_t size)
{
    const uint8_t *byte = (const uint8_t *)data;
    uint32_t crc = 0xFFFFFFFFu;
    while (size--) {
        crc ^= *byte++;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
    }
    return crc ^ 0xFFFFFFFFu;
}

#pragma pack(push, 1)
struct ofp_packet {
    uint8_t mark;  /* 0: 0xA5 */
    uint8_t wire_version;  /* 1: 0x01 */
    uint8_t scans;  /* 2: scans in this packet, at least 1; scans x channels is at most 10 */
    uint8_t channels;  /* 3: values in a scan, as in INFO */
    uint32_t sequence;  /* 4: number of the first scan, modulo 2^32 */
    uint64_t clock;  /* 8: device clock at the first scan, microseconds */
    uint16_t period;  /* 16: microseconds between its scans, rounded; 0 where there is one scan only */
    uint8_t status;  /* 18: status bits */
    uint8_t tag;  /* 19: stream tag of START */
    int32_t values[10];  /* 20: scan by scan, channel by channel; what is left is zero */
    uint32_t crc;  /* 60: CRC-32C of all bytes before it */
};
typedef char ofp_packet_is_64_bytes[sizeof(struct ofp_packet) == 64 ? 1 : -1];

struct ofp_info {
    uint8_t magic[4];  /* 0: "OFP1" */
    uint16_t version;  /* 4: 0x0100: major in the high byte, minor in the low one */
    uint16_t capabilities;  /* 6: capability bits */
    uint8_t channels;  /* 8: 1 to 10, values in a scan */
    uint8_t outputs;  /* 9: 1 to 10, rows of the calibration */
    uint16_t bits;  /* 10: significant bits of a value, 8 to 32, sign included */
    uint32_t max_rate;  /* 12: highest rate, millihertz */
    uint64_t serial;  /* 16: serial number, unique among the maker's plates */
    float length;  /* 24: of the top, mm, along y */
    float width;  /* 28: of the top, mm, along x */
    float top;  /* 32: height of the top above the plane of the cells, mm */
    uint16_t cal_size;  /* 36: bytes of CAL, checksum included */
    uint16_t layout_size;  /* 38: bytes of LAYOUT, checksum included */
    uint16_t firmware;  /* 40: firmware release in BCD, as bcdDevice */
    uint16_t reserved;  /* 42: 0 */
    uint32_t crc;  /* 44: CRC-32C of all bytes before it */
};
typedef char ofp_info_is_48_bytes[sizeof(struct ofp_info) == 48 ? 1 : -1];

struct ofp_place {
    uint8_t name[4];  /* 0: ASCII, padded with zeros */
    uint8_t quantity;  /* 4: what the output is */
    uint8_t reserved[3];  /* 5: 0 */
    float x;  /* 8: of a cell: mm to the right of the centre */
    float y;  /* 12: of a cell: mm in front of the centre */
};
typedef char ofp_place_is_16_bytes[sizeof(struct ofp_place) == 16 ? 1 : -1];

struct ofp_state {
    uint8_t status;  /* 0: status bits as of now */
    uint8_t tag;  /* 1: stream tag of the last START */
    uint8_t mode;  /* 2: 0 idle, 1 samples, 2 test pattern */
    uint8_t refusal;  /* 3: why the last refused request was refused; reading it clears it */
    uint32_t rate;  /* 4: rate in use, millihertz */
    uint32_t lost;  /* 8: scans that the plate could not send since START */
    uint32_t sequence;  /* 12: number of the next scan */
    uint64_t clock;  /* 16: device clock, microseconds */
    uint32_t crc;  /* 24: CRC-32C of all bytes before it */
};
typedef char ofp_state_is_28_bytes[sizeof(struct ofp_state) == 28 ? 1 : -1];

struct ofp_ask {
    uint8_t mark;  /* 0: 0xA6 */
    uint8_t wire_version;  /* 1: 0x01 */
    uint8_t request;  /* 2: request code */
    uint8_t token;  /* 3: any number; its answer repeats it */
    uint16_t value;  /* 4: wValue */
    uint16_t size;  /* 6: bytes of data that follow */
};
typedef char ofp_ask_is_8_bytes[sizeof(struct ofp_ask) == 8 ? 1 : -1];

struct ofp_answer {
    uint8_t mark;  /* 0: 0xA7 */
    uint8_t wire_version;  /* 1: 0x01 */
    uint8_t request;  /* 2: request code */
    uint8_t token;  /* 3: that of the request */
    uint8_t refusal;  /* 4: 0, or why it was refused */
    uint8_t reserved;  /* 5: 0 */
    uint16_t size;  /* 6: bytes of data that follow */
};
typedef char ofp_answer_is_8_bytes[sizeof(struct ofp_answer) == 8 ? 1 : -1];

#pragma pack(pop)

/* The test pattern: the value of a channel in the scan of this number. */
static inline int32_t ofp_pattern(uint32_t scan, uint32_t channel)
{
    return (int32_t)(scan * OFP_PATTERN_STEP + channel * OFP_PATTERN_SPREAD);
}

#endif
