// A design behind a serial line: 8 data bits, no parity, one stop bit. Bytes of a beat come and go the
// lowest first. The line has no flow control, so one sample is kept before the design: send a sample,
// read its answer, send the next.

`default_nettype none

// Bytes from the line; one with a wrong stop bit is dropped.
module helu_uart_rx #(
  parameter DIVIDER = 50  // clocks of a bit, at least 4
) (
  input  wire       clk,
  input  wire       resetn,
  input  wire       rx,
  output wire [7:0] m_data,
  output wire       m_valid
);
  localparam CB = $clog2(DIVIDER);
  reg [1:0]    line;  // the line in this clock domain
  reg [CB-1:0] clocks;
  reg [3:0]    left;  // bits: 10 is the start bit, 1 the stop bit, 0 none
  reg [7:0]    shift;
  reg          valid;
  assign m_data  = shift;
  assign m_valid = valid;

  always @(posedge clk)
    line <= {line[0], rx};

  always @(posedge clk)
    if (!resetn) begin
      clocks <= {CB{1'b0}};
      left   <= 4'd0;
      valid  <= 1'b0;
    end else begin
      valid <= 1'b0;
      if (left == 0) begin
        clocks <= DIVIDER / 2 - 1;
        if (!line[1])
          left <= 4'd10;
      end else if (clocks != 0)
        clocks <= clocks - 1'b1;
      else begin
        clocks <= DIVIDER - 1;
        left   <= left == 10 && line[1] ? 4'd0 : left - 1'b1;
        valid  <= left == 1 && line[1];
        if (left != 10 && left != 1)
          shift <= {line[1], shift[7:1]};
      end
    end
endmodule

// Bytes to the line.
module helu_uart_tx #(
  parameter DIVIDER = 50
) (
  input  wire       clk,
  input  wire       resetn,
  input  wire [7:0] s_data,
  input  wire       s_valid,
  output wire       s_ready,
  output wire       tx
);
  localparam CB = $clog2(DIVIDER);
  reg [CB-1:0] clocks;
  reg [3:0]    left;
  reg [9:0]    shift;
  assign s_ready = left == 0;
  assign tx      = shift[0];

  always @(posedge clk)
    if (!resetn) begin
      clocks <= {CB{1'b0}};
      left   <= 4'd0;
      shift  <= 10'h3ff;
    end else if (left == 0) begin
      clocks <= DIVIDER - 1;
      if (s_valid) begin
        shift <= {1'b1, s_data, 1'b0};
        left  <= 4'd10;
      end
    end else if (clocks != 0)
      clocks <= clocks - 1'b1;
    else begin
      clocks <= DIVIDER - 1;
      shift  <= {1'b1, shift[9:1]};
      left   <= left - 1'b1;
    end
endmodule

// helu_top between the two.
module helu_shell #(
  parameter DIVIDER = 50
) (
  input  wire clk,
  input  wire rx,
  output wire tx
);
  `include "helu_params.vh"
  localparam IN_BYTES  = INPUT_TDATA / 8;
  localparam OUT_BYTES = OUTPUT_TDATA / 8;
  localparam DEPTH     = INPUT_BEATS < 2 ? 2 : INPUT_BEATS;

  // Registers of all these parts start with a given value; reset lasts until it is counted out.
  reg [3:0] count = 4'd0;
  wire      resetn = count[3];
  always @(posedge clk)
    if (!resetn)
      count <= count + 1'b1;

  wire [7:0] in_byte;
  wire       in_valid;
  wire       in_ready;
  helu_uart_rx #(.DIVIDER(DIVIDER)) receive (
    .clk(clk), .resetn(resetn), .rx(rx), .m_data(in_byte), .m_valid(in_valid));

  wire [INPUT_TDATA-1:0] word;
  wire                   word_valid;
  wire                   word_ready;
  generate
    if (IN_BYTES == 1) begin : narrow_in
      assign word       = in_byte;
      assign word_valid = in_valid;
      assign in_ready   = word_ready;
    end else begin : wide_in
      helu_upsize #(.W(8), .F(IN_BYTES), .CW($clog2(IN_BYTES))) join_bytes (
        .clk(clk), .resetn(resetn),
        .s_data(in_byte), .s_valid(in_valid), .s_ready(in_ready),
        .m_data(word), .m_valid(word_valid), .m_ready(word_ready));
    end
  endgenerate

  wire [INPUT_TDATA-1:0] beat;
  wire                   beat_valid;
  wire                   beat_ready;
  helu_fifo #(.W(INPUT_TDATA), .DEPTH(DEPTH), .AW($clog2(DEPTH)), .CW($clog2(DEPTH + 1))) sample (
    .clk(clk), .resetn(resetn),
    .s_data(word), .s_valid(word_valid), .s_ready(word_ready),
    .m_data(beat), .m_valid(beat_valid), .m_ready(beat_ready));

  wire [OUTPUT_TDATA-1:0] answer;
  wire                    answer_valid;
  wire                    answer_ready;
  helu_top network (
    .aclk(clk), .aresetn(resetn),
    .s_axis_tdata(beat), .s_axis_tvalid(beat_valid), .s_axis_tready(beat_ready), .s_axis_tlast(1'b0),
    .m_axis_tdata(answer), .m_axis_tvalid(answer_valid), .m_axis_tready(answer_ready),
    .m_axis_tlast());

  wire [7:0] out_byte;
  wire       out_valid;
  wire       out_ready;
  generate
    if (OUT_BYTES == 1) begin : narrow_out
      assign out_byte     = answer;
      assign out_valid    = answer_valid;
      assign answer_ready = out_ready;
    end else begin : wide_out
      helu_downsize #(.W(8), .F(OUT_BYTES), .CW($clog2(OUT_BYTES + 1))) split (
        .clk(clk), .resetn(resetn),
        .s_data(answer), .s_valid(answer_valid), .s_ready(answer_ready),
        .m_data(out_byte), .m_valid(out_valid), .m_ready(out_ready));
    end
  endgenerate

  helu_uart_tx #(.DIVIDER(DIVIDER)) send (
    .clk(clk), .resetn(resetn),
    .s_data(out_byte), .s_valid(out_valid), .s_ready(out_ready), .tx(tx));
endmodule

`default_nettype wire
