// A design for a processor's bus: two AXI4-Streams of words for a DMA engine, registers on AXI4-Lite.
// Everything runs on aclk.
//
// Streams: a beat of helu_top of up to 8 bytes is one word, of the least of 1, 2, 4 or 8 bytes that holds
// it; a wider beat is several words of 8 bytes, the lowest first. Bytes beyond a beat's are 0 where they
// leave and ignored where they enter. s_axis_tlast is ignored; m_axis_tlast marks the end of every
// PACKET-th sample, which ends a transfer of the DMA engine.
//
// Registers, 32 bits each, at byte addresses:
//   0x00 ID       0x48454c55, read only
//   0x04 INPUT    bytes of a sample's words that enter, read only
//   0x08 OUTPUT   bytes of a sample's words that leave, read only
//   0x0c CONTROL  bit 0: while it is 1 the design is in reset, forgets what is inside, and SAMPLES is 0
//   0x10 PACKET   samples of a packet that leaves, 1 after reset; write it while none is on its way
//   0x14 SAMPLES  samples that have left, read only

`default_nettype none

// The ports are declared behind the parameters that they depend on.
module helu_axi (
  aclk, aresetn,
  s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb, s_axi_wvalid, s_axi_wready,
  s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid, s_axi_arready,
  s_axi_rdata, s_axi_rresp, s_axi_rvalid, s_axi_rready,
  s_axis_tdata, s_axis_tvalid, s_axis_tready, s_axis_tlast,
  m_axis_tdata, m_axis_tkeep, m_axis_tvalid, m_axis_tready, m_axis_tlast
);
  `include "helu_params.vh"
  localparam IN_BYTES  = INPUT_TDATA / 8;
  localparam OUT_BYTES = OUTPUT_TDATA / 8;
  localparam S_BYTES   = IN_BYTES <= 1 ? 1 : IN_BYTES <= 2 ? 2 : IN_BYTES <= 4 ? 4 : 8;
  localparam M_BYTES   = OUT_BYTES <= 1 ? 1 : OUT_BYTES <= 2 ? 2 : OUT_BYTES <= 4 ? 4 : 8;
  localparam S_WORDS   = (IN_BYTES + 7) / 8;   // of a beat
  localparam M_WORDS   = (OUT_BYTES + 7) / 8;

  (* X_INTERFACE_INFO = "xilinx.com:signal:clock:1.0 aclk CLK",
     X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axi:s_axis:m_axis, ASSOCIATED_RESET aresetn" *)
  input  wire                 aclk;
  input  wire                 aresetn;
  input  wire [4:0]           s_axi_awaddr;
  input  wire                 s_axi_awvalid;
  output wire                 s_axi_awready;
  input  wire [31:0]          s_axi_wdata;
  input  wire [3:0]           s_axi_wstrb;
  input  wire                 s_axi_wvalid;
  output wire                 s_axi_wready;
  output wire [1:0]           s_axi_bresp;
  output wire                 s_axi_bvalid;
  input  wire                 s_axi_bready;
  input  wire [4:0]           s_axi_araddr;
  input  wire                 s_axi_arvalid;
  output wire                 s_axi_arready;
  output wire [31:0]          s_axi_rdata;
  output wire [1:0]           s_axi_rresp;
  output wire                 s_axi_rvalid;
  input  wire                 s_axi_rready;
  input  wire [8*S_BYTES-1:0] s_axis_tdata;
  input  wire                 s_axis_tvalid;
  output wire                 s_axis_tready;
  input  wire                 s_axis_tlast;
  output wire [8*M_BYTES-1:0] m_axis_tdata;
  output wire [M_BYTES-1:0]   m_axis_tkeep;
  output wire                 m_axis_tvalid;
  input  wire                 m_axis_tready;
  output wire                 m_axis_tlast;

  // Registers. A write is taken when its address and its data are there.
  reg         hold;
  reg  [31:0] packet;
  reg  [31:0] samples;
  reg         written;
  reg         read;
  reg  [31:0] value;
  wire        write = s_axi_awvalid && s_axi_wvalid && !written;
  assign s_axi_awready = write;
  assign s_axi_wready  = write;
  assign s_axi_bvalid  = written;
  assign s_axi_bresp   = 2'b00;
  assign s_axi_arready = !read;
  assign s_axi_rvalid  = read;
  assign s_axi_rdata   = value;
  assign s_axi_rresp   = 2'b00;

  integer i;
  always @(posedge aclk)
    if (!aresetn) begin
      hold    <= 1'b0;
      packet  <= 32'd1;
      written <= 1'b0;
      read    <= 1'b0;
    end else begin
      written <= write || (written && !s_axi_bready);
      if (write && s_axi_awaddr[4:2] == 3 && s_axi_wstrb[0])
        hold <= s_axi_wdata[0];
      if (write && s_axi_awaddr[4:2] == 4)
        for (i = 0; i < 4; i = i + 1)
          if (s_axi_wstrb[i])
            packet[8*i +: 8] <= s_axi_wdata[8*i +: 8];
      read <= read ? !s_axi_rready : s_axi_arvalid;
      if (!read)
        case (s_axi_araddr[4:2])
          0: value <= 32'h48454c55;
          1: value <= INPUT_BEATS * S_WORDS * S_BYTES;
          2: value <= OUTPUT_BEATS * M_WORDS * M_BYTES;
          3: value <= {31'd0, hold};
          4: value <= packet;
          5: value <= samples;
          default: value <= 32'd0;
        endcase
    end

  reg resetn;
  always @(posedge aclk)
    resetn <= aresetn && !hold;

  // Words to beats.
  wire [8*S_BYTES*S_WORDS-1:0] in_beat;
  wire                         in_valid;
  wire                         in_ready;
  generate
    if (S_WORDS == 1) begin : whole_in
      assign in_beat       = s_axis_tdata;
      assign in_valid      = s_axis_tvalid && resetn;
      assign s_axis_tready = in_ready && resetn;
    end else begin : wide_in
      wire ready;
      assign s_axis_tready = ready && resetn;
      helu_upsize #(.W(64), .F(S_WORDS), .CW($clog2(S_WORDS))) join_words (
        .clk(aclk), .resetn(resetn),
        .s_data(s_axis_tdata), .s_valid(s_axis_tvalid && resetn), .s_ready(ready),
        .m_data(in_beat), .m_valid(in_valid), .m_ready(in_ready));
    end
  endgenerate

  wire [OUTPUT_TDATA-1:0] out_beat;
  wire                    out_valid;
  wire                    out_ready;
  helu_top network (
    .aclk(aclk), .aresetn(resetn),
    .s_axis_tdata(in_beat[INPUT_TDATA-1:0]), .s_axis_tvalid(in_valid), .s_axis_tready(in_ready),
    .s_axis_tlast(1'b0),
    .m_axis_tdata(out_beat), .m_axis_tvalid(out_valid), .m_axis_tready(out_ready), .m_axis_tlast());

  // Beats to words.
  wire [8*M_BYTES*M_WORDS-1:0] padded = out_beat;
  wire                         word_valid;
  wire                         word_ready;
  assign m_axis_tvalid = word_valid && resetn;
  assign word_ready    = m_axis_tready && resetn;
  assign m_axis_tkeep  = {M_BYTES{1'b1}};
  generate
    if (M_WORDS == 1) begin : whole_out
      assign m_axis_tdata = padded;
      assign word_valid   = out_valid;
      assign out_ready    = word_ready;
    end else begin : wide_out
      helu_downsize #(.W(64), .F(M_WORDS), .CW($clog2(M_WORDS + 1))) split (
        .clk(aclk), .resetn(resetn),
        .s_data(padded), .s_valid(out_valid), .s_ready(out_ready),
        .m_data(m_axis_tdata), .m_valid(word_valid), .m_ready(word_ready));
    end
  endgenerate

  // The ends of samples and packets.
  localparam WORDS = OUTPUT_BEATS * M_WORDS;
  reg [31:0] word;
  reg [31:0] sample;  // of the packet
  wire       last_word = word == WORDS - 1;
  assign m_axis_tlast = last_word && sample == packet - 1;
  always @(posedge aclk)
    if (!resetn) begin
      word    <= 32'd0;
      sample  <= 32'd0;
      samples <= 32'd0;
    end else if (m_axis_tvalid && m_axis_tready) begin
      word <= last_word ? 32'd0 : word + 1'b1;
      if (last_word) begin
        sample  <= m_axis_tlast ? 32'd0 : sample + 1'b1;
        samples <= samples + 1'b1;
      end
    end
endmodule

`default_nettype wire
